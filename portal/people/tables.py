"""The registers of teachers and of their transfers."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.names import mask_id, mask_phone
from portal.operations.actor import Actor
from portal.organizations.employers import EMPLOYERS
from portal.organizations.models import Organization
from portal.people.codes import Stage, TitleLevel
from portal.people.completeness import REQUIRED, completeness, incomplete
from portal.people.models import Teacher, Transfer, TransferState
from portal.people.permits import KEEPERS
from portal.people.queries import find
from portal.people.services.sensitive import export_teachers, export_teachers_full
from portal.ui.filters import FilterSet
from portal.ui.pages import PageRequest
from portal.ui.register import BulkAction, Column, Kind, Register, leads_to
from portal.ui.widgets import SearchSelect

COMPLETE = (("1", gettext_lazy("完整")), ("0", gettext_lazy("待补充")))
ACTIVE = (("1", gettext_lazy("在岗")), ("0", gettext_lazy("离岗")))


def schools_of(actor: Actor) -> QuerySet[Organization]:
    """The schools and colleges in the actor's reach."""
    if actor.organization is None:
        return Organization.objects.none()
    return Organization.objects.of(*EMPLOYERS).under(actor.organization.reach).order_by("path")


class TeacherFilter(FilterSet):
    school = django_filters.ModelChoiceFilter(
        label=gettext_lazy("工作单位"),
        queryset=lambda request: schools_of(request.actor),
        widget=SearchSelect,
    )
    subject = django_filters.CharFilter(label=gettext_lazy("任教专业"), lookup_expr="startswith")
    title_level = django_filters.ChoiceFilter(label=gettext_lazy("职称级别"), choices=TitleLevel.choices)
    stage = django_filters.ChoiceFilter(label=gettext_lazy("学段"), choices=Stage.choices)
    complete = django_filters.ChoiceFilter(label=gettext_lazy("资料"), choices=COMPLETE, method="is_complete")
    active = django_filters.ChoiceFilter(label=gettext_lazy("状态"), choices=ACTIVE, method="is_active")

    class Meta:
        model = Teacher
        fields = ["school", "subject", "title_level", "stage"]

    def is_complete(self, rows: QuerySet[Teacher], name: str, value: str) -> QuerySet[Teacher]:
        return rows.exclude(incomplete()) if value == "1" else rows.filter(incomplete())

    def is_active(self, rows: QuerySet[Teacher], name: str, value: str) -> QuerySet[Teacher]:
        return rows.filter(active=value == "1")


def state_of(teacher: Teacher) -> tuple[str, str]:
    return ("active", _("在岗")) if teacher.active else ("inactive", _("离岗"))


def _share(teacher: Teacher) -> str:
    return f"{completeness(teacher).share}%"


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("用途"),
        max_length=200,
        help_text=gettext_lazy("将写入审计记录，并印在导出的表格上。"),
    )


def _export(request: PageRequest, rows: QuerySet[Any], given: dict[str, Any]) -> FileResponse:
    file = export_teachers(request.actor, None, teachers=rows)
    return FileResponse(file, as_attachment=True, filename=_("教师名册.xlsx"))


def _export_full(request: PageRequest, rows: QuerySet[Any], given: dict[str, Any]) -> FileResponse:
    file = export_teachers_full(request.actor, None, teachers=rows, reason=given["reason"])
    return FileResponse(file, as_attachment=True, filename=_("教师名册（含完整证件号）.xlsx"))


TEACHERS: Register[Teacher] = Register(
    code="people.teachers",
    title=gettext_lazy("教师台账"),
    rows=lambda actor: Teacher.objects.visible_to(actor).listed(),
    columns=[
        Column("name", gettext_lazy("姓名"), sort="sort_key"),
        Column("gender", gettext_lazy("性别"), Kind.CHOICE),
        Column(
            "id_number",
            gettext_lazy("证件号"),
            value=lambda each: mask_id(each.id_number),
            reads=("id_number",),
        ),
        Column("school__name", gettext_lazy("工作单位")),
        Column("stage", gettext_lazy("学段"), Kind.CHOICE),
        Column("subject", gettext_lazy("任教专业"), sort="subject"),
        Column("title", gettext_lazy("职称")),
        Column("title_level", gettext_lazy("职称级别"), Kind.CHOICE, shown=False),
        Column("post", gettext_lazy("行政职务"), shown=False),
        Column("phone", gettext_lazy("手机"), value=lambda each: mask_phone(each.phone), reads=("phone",)),
        Column("complete", gettext_lazy("资料完整度"), value=_share, reads=REQUIRED),
        Column("updated_at", gettext_lazy("更新时间"), kind=Kind.MOMENT, shown=False),
        Column("active", gettext_lazy("状态"), kind=Kind.BADGE, value=state_of, reads=("active",)),
    ],
    filters=TeacherFilter,
    search=find,
    search_hint=gettext_lazy("姓名、拼音首字母，或完整身份证号"),
    reads=("name",),
    url=leads_to("people:teacher"),
    actions=[
        BulkAction("export", gettext_lazy("导出名册（隐去证件号）"), _export),
        BulkAction(
            "export_full",
            gettext_lazy("导出完整证件号"),
            _export_full,
            confirm=gettext_lazy("导出的表格含完整身份证件号和手机号，每次导出都会留下审计记录。"),
            form=ReasonForm,
            style="danger",
            roles=frozenset(KEEPERS),
        ),
    ],
    # Every export of teachers is an audited operation: the register's own would not be.
    exports=False,
    empty=gettext_lazy("没有符合条件的教师。可以调整筛选条件，或点击右上角“导入教师”。"),
    template="people/teachers.html",
)


class TransferFilter(FilterSet):
    state = django_filters.ChoiceFilter(label=gettext_lazy("状态"), choices=TransferState.choices)

    class Meta:
        model = Transfer
        fields = ["state"]


def transfers_of(actor: Actor) -> QuerySet[Transfer]:
    """What the actor sees, with all that a line shows; the teacher's numbers stay in the database."""
    rows = Transfer.objects.visible_to(actor).select_related("teacher", "source", "target", "asked_by")
    return rows.defer("teacher__id_number", "teacher__phone", "teacher__resume", "teacher__achievements")


TRANSFERS: Register[Transfer] = Register(
    code="people.transfers",
    title=gettext_lazy("教师调动"),
    rows=transfers_of,
    columns=[
        Column("teacher__name", gettext_lazy("教师")),
        Column("source__name", gettext_lazy("调出学校")),
        Column("target__name", gettext_lazy("调入学校")),
        Column("asked_by__name", gettext_lazy("发起单位")),
        Column("asked_at", gettext_lazy("发起时间"), kind=Kind.MOMENT),
        Column("decided_at", gettext_lazy("办理时间"), kind=Kind.MOMENT),
        Column("state", gettext_lazy("状态"), kind=Kind.BADGE),
    ],
    filters=TransferFilter,
    search=("teacher__name__contains",),
    search_hint=gettext_lazy("教师姓名"),
    url=leads_to("people:transfer"),
    empty=gettext_lazy("还没有教师调动。调出请在教师档案页办理，调入请点击右上角“申请调入”。"),
    template="people/transfers.html",
)
