"""The lists of nominations, of those that wait for a reviewer, and of sheets."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.carried import of_district
from enrollment.models import NOT_NOMINATED, Nomination, NominationSheet, NominationState, SheetState
from enrollment.queries.nominations import find_nominations, nomination_rows, waiting_rows
from enrollment.services.exporting import READERS, export_nominations, export_nominations_full
from portal.operations.actor import Actor
from portal.organizations.kinds import Kind as OrganizationKind
from portal.organizations.models import Organization, label_of
from portal.people.tables import schools_of
from portal.reviews.models import Review, Verdict
from portal.reviews.services import decide_many
from portal.reviews.tables import decisions
from portal.rulebook.findings import Finding
from portal.ui.filters import FilterSet, carried, meeting
from portal.ui.pages import PageRequest
from portal.ui.register import BulkAction, Column, Kind, Register, leads_to
from portal.ui.tallies import count_of
from portal.ui.widgets import SearchSelect
from programs.models import Project

VERDICTS = (
    ("pass", gettext_lazy("全部符合")),
    ("warn", gettext_lazy("有提示")),
    ("block", gettext_lazy("有不符合")),
)
_WORDS = dict(VERDICTS)


def verdict_of(nomination: Nomination) -> tuple[str, str]:
    """The verdict's tone and word."""
    return nomination.verdict, str(_WORDS[nomination.verdict])


def complaints_of(nomination: Nomination) -> list[Finding]:
    """What the rules found fault with when the nomination was judged last."""
    found = [Finding.from_json(each) for each in nomination.findings]
    return [each for each in found if each.verdict != "pass"]


def _projects(request: Any) -> QuerySet[Project]:
    return Project.objects.visible_to(request.actor).order_by("code")


def _organizations(request: Any) -> QuerySet[Organization]:
    actor: Actor = request.actor
    if actor.organization is None:
        return Organization.objects.none()
    kinds = (OrganizationKind.BUREAU, OrganizationKind.COLLEGE, OrganizationKind.SCHOOL)
    return Organization.objects.under(actor.organization.reach).of(*kinds).order_by("kind", "path")


class NominationFilter(FilterSet):
    state = django_filters.ChoiceFilter(label=gettext_lazy("状态"), choices=NominationState.choices)
    project = django_filters.ModelChoiceFilter(
        label=gettext_lazy("项目"), queryset=_projects, widget=SearchSelect
    )
    organization = django_filters.ModelChoiceFilter(
        label=gettext_lazy("推荐单位"), queryset=_organizations, widget=SearchSelect
    )
    school = django_filters.ModelChoiceFilter(
        label=gettext_lazy("工作单位"),
        queryset=lambda request: schools_of(request.actor),
        widget=SearchSelect,
    )
    verdict = django_filters.ChoiceFilter(label=gettext_lazy("判定"), choices=VERDICTS)

    # Not offered to choose from: by these the figures of other pages lead to their people.
    category = carried("project__category")
    base = carried("project__base")
    program = carried("program")
    district = of_district("school")
    having = meeting({"put_forward": lambda rows: rows.exclude(state__in=NOT_NOMINATED)})

    class Meta:
        model = Nomination
        fields = ["state", "project", "organization", "school", "verdict"]


class WaitingFilter(FilterSet):
    verdict = django_filters.ChoiceFilter(label=gettext_lazy("判定"), choices=VERDICTS)
    project = django_filters.ModelChoiceFilter(
        label=gettext_lazy("项目"), queryset=_projects, widget=SearchSelect
    )
    organization = django_filters.ModelChoiceFilter(
        label=gettext_lazy("推荐单位"), queryset=_organizations, widget=SearchSelect
    )

    class Meta:
        model = Nomination
        fields = ["verdict", "project", "organization"]


class PurposeForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("用途"),
        max_length=200,
        help_text=gettext_lazy("将写入审计记录，并印在导出的表格上。"),
    )


def _export(request: PageRequest, rows: QuerySet[Any], given: dict[str, Any]) -> FileResponse:
    file = export_nominations(request.actor, None, nominations=rows)
    return FileResponse(file, as_attachment=True, filename=_("推荐汇总表.xlsx"))


def _export_full(request: PageRequest, rows: QuerySet[Any], given: dict[str, Any]) -> FileResponse:
    file = export_nominations_full(request.actor, None, nominations=rows, reason=given["reason"])
    return FileResponse(file, as_attachment=True, filename=_("推荐汇总表（含完整证件号）.xlsx"))


NOMINATIONS: Register[Nomination] = Register(
    "enrollment.nominations",
    gettext_lazy("推荐台账"),
    rows=nomination_rows,
    columns=[
        Column("teacher__name", gettext_lazy("姓名"), sort="teacher__sort_key"),
        Column(
            "school",
            gettext_lazy("工作单位"),
            value=lambda row: row.school.label,
            reads=label_of("school"),
        ),
        Column("project__code", gettext_lazy("项目编号"), sort="project__code"),
        Column("project__name", gettext_lazy("项目名称")),
        Column(
            "organization",
            gettext_lazy("推荐单位"),
            value=lambda row: row.organization.label,
            reads=label_of("organization"),
        ),
        Column("state", gettext_lazy("状态"), Kind.BADGE),
        Column("verdict", gettext_lazy("判定"), Kind.BADGE, value=verdict_of, reads=("verdict",)),
        Column("submitted_at", gettext_lazy("报送时间"), Kind.MOMENT, sort="submitted_at"),
        Column("decided_at", gettext_lazy("审核时间"), Kind.MOMENT, shown=False),
        Column("opinion", gettext_lazy("审核意见"), shown=False),
        Column(
            "id_number",
            gettext_lazy("证件号"),
            value=lambda row: row.teacher.masked_id,
            shown=False,
            reads=("teacher__id_number",),
        ),
        Column(
            "subject",
            gettext_lazy("任教专业"),
            value=lambda row: row.teacher.subject,
            shown=False,
            reads=("teacher__subject",),
        ),
        Column(
            "title",
            gettext_lazy("职称"),
            value=lambda row: row.teacher.title,
            shown=False,
            reads=("teacher__title",),
        ),
        Column("note", gettext_lazy("备注"), shown=False),
    ],
    filters=NominationFilter,
    search=find_nominations,
    search_hint=gettext_lazy("姓名、完整身份证号或项目"),
    url=leads_to("enrollment:nomination"),
    actions=[
        BulkAction("export", gettext_lazy("导出汇总表（隐去证件号）"), _export, roles=frozenset(READERS)),
        BulkAction(
            "export_full",
            gettext_lazy("导出完整证件号"),
            _export_full,
            confirm=gettext_lazy("导出的表格含完整身份证号和手机号，每次导出都会留下审计记录。"),
            form=PurposeForm,
            style="danger",
            roles=frozenset(READERS),
        ),
    ],
    # Every export of people is an audited operation of ours: the register's own would not mask.
    exports=False,
    empty=gettext_lazy(
        "还没有推荐人选。学校、区县和高职院校可点右上角“推荐学员”；区县和院校也可导入推荐汇总表。"
    ),
    template="enrollment/nominations/list.html",
    reads=("teacher__name", "project__code"),
)


def _decide(request: PageRequest, rows: QuerySet[Any], verdict: Verdict, opinion: str) -> str:
    tally = decide_many(request.actor, Review.objects.open().about(rows), verdict=verdict, opinion=opinion)
    told = _("已审核%(decided)d人（%(verdict)s）。") % {"decided": tally.decided, "verdict": verdict.label}
    if tally.skipped:
        told += _("另有%(skipped)d人不在您手中或已办结，未作处理。") % {"skipped": tally.skipped}
    return told


WAITING: Register[Nomination] = Register(
    "enrollment.waiting",
    gettext_lazy("资格审核"),
    rows=waiting_rows,
    columns=[
        Column("teacher__name", gettext_lazy("姓名"), sort="teacher__sort_key"),
        Column("school__name", gettext_lazy("工作单位")),
        Column("project__code", gettext_lazy("项目编号"), sort="project__code"),
        Column("verdict", gettext_lazy("判定"), Kind.BADGE, value=verdict_of, reads=("verdict",)),
    ],
    filters=WaitingFilter,
    search=find_nominations,
    search_hint=gettext_lazy("姓名、完整身份证号或项目"),
    order="pk",
    actions=decisions(
        _decide,
        approve=gettext_lazy("所选人员将全部通过资格审核，并立即通知推荐单位。"),
        give_back=gettext_lazy("所选人员将全部退回推荐单位修改，名额继续保留。"),
        reject=gettext_lazy("所选人员将全部定为不通过，名额退还推荐单位。"),
    ),
    page_size=25,
    reads=("teacher__name", "project__code", *label_of("school"), "findings"),
    exports=False,
    empty=gettext_lazy("没有等您审核的推荐人选。"),
)


class SheetFilter(FilterSet):
    state = django_filters.ChoiceFilter(label=gettext_lazy("状态"), choices=SheetState.choices)

    class Meta:
        model = NominationSheet
        fields = ["state"]


def sheet_rows(actor: Actor) -> QuerySet[NominationSheet]:
    """What the actor sees, with the number of people. One query."""
    rows = NominationSheet.objects.visible_to(actor).select_related("organization", "program", "created_by")
    return rows.annotate(people=count_of(Nomination.objects.all(), "sheet"))


SHEETS: Register[NominationSheet] = Register(
    "enrollment.sheets",
    gettext_lazy("推荐汇总表"),
    rows=sheet_rows,
    columns=[
        Column(
            "organization",
            gettext_lazy("报送单位"),
            value=lambda row: row.organization.label,
            reads=label_of("organization"),
        ),
        Column("program__name", gettext_lazy("年度计划")),
        Column("people", gettext_lazy("人数"), Kind.NUMBER),
        Column("state", gettext_lazy("状态"), Kind.BADGE),
        Column("scan_name", gettext_lazy("盖章扫描件")),
        Column("created_by__name", gettext_lazy("经办人")),
        Column("created_at", gettext_lazy("编制时间"), Kind.MOMENT, sort="created_at"),
        Column("submitted_at", gettext_lazy("报送时间"), Kind.MOMENT, sort="submitted_at"),
    ],
    filters=SheetFilter,
    search=("organization__name__icontains",),
    search_hint=gettext_lazy("报送单位"),
    url=leads_to("enrollment:sheet"),
    empty=gettext_lazy("还没有推荐汇总表。区县和高职院校可点右上角导入附件4，或逐人选择后编制。"),
    template="enrollment/sheets/list.html",
    reads=(*label_of("organization"), "created_at"),
)
