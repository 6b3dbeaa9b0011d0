"""The registers of enrolments: all of them, and those that wait for one's confirmation. Source: CQ20-3.3."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.carried import of_district
from enrollment.jobs import ask_for_codes
from enrollment.models import STANDING, Enrollment, EnrollmentState
from enrollment.papers import PRINTERS
from enrollment.printing import PrintForm, print_forms
from enrollment.services.codes import ISSUERS
from enrollment.services.registration import Confirmation, confirm_by_base, confirm_by_office
from portal.accounts.roles import OFFICE, Role
from portal.operations.actor import Actor
from portal.organizations.models import Organization, label_of
from portal.people.completeness import REQUIRED, completeness
from portal.ui.filters import FilterSet, carried, meeting
from portal.ui.pages import PageRequest
from portal.ui.register import BulkAction, Column, Kind, Register, leads_to
from programs.models import Project, TrainingClass
from programs.tables.projects import yes_no


def _projects(request: Any) -> QuerySet[Project]:
    return Project.objects.visible_to(request.actor)


def _classes(request: Any) -> QuerySet[TrainingClass]:
    return TrainingClass.objects.visible_to(request.actor).published()


def _schools(request: Any) -> QuerySet[Organization]:
    rows = Enrollment.objects.visible_to(request.actor).order_by().values("school")
    return Organization.objects.filter(pk__in=rows).order_by("path")


def _registered(rows: QuerySet[Enrollment]) -> QuerySet[Enrollment]:
    return rows.filter(state__in=STANDING).exclude(registered_at=None)


class EnrollmentFilter(FilterSet):
    state = django_filters.ChoiceFilter(label=gettext_lazy("状态"), choices=EnrollmentState.choices)
    project = django_filters.ModelChoiceFilter(label=gettext_lazy("项目"), queryset=_projects)
    training_class = django_filters.ModelChoiceFilter(label=gettext_lazy("班级"), queryset=_classes)
    school = django_filters.ModelChoiceFilter(label=gettext_lazy("工作单位"), queryset=_schools)
    approved_form = django_filters.BooleanFilter(
        label=gettext_lazy("推荐表已审核"),
        field_name="school_opinion",
        lookup_expr="isnull",
        exclude=True,
        widget=yes_no(),
    )
    unplaced = django_filters.BooleanFilter(
        label=gettext_lazy("尚未编班"), field_name="training_class", lookup_expr="isnull", widget=yes_no()
    )

    # Not offered to choose from: by these the figures of other pages lead to their people.
    category = carried("project__category")
    base = carried("project__base")
    program = carried("project__program")
    district = of_district("school")
    having = meeting({"registered": _registered})
    check_in = django_filters.CharFilter(field_name="check_in__state", widget=forms.HiddenInput)

    class Meta:
        model = Enrollment
        fields = ["state", "project", "training_class", "school"]


class ConfirmationFilter(FilterSet):
    project = django_filters.ModelChoiceFilter(label=gettext_lazy("项目"), queryset=_projects)
    training_class = django_filters.ModelChoiceFilter(label=gettext_lazy("班级"), queryset=_classes)

    class Meta:
        model = Enrollment
        fields = ["project", "training_class"]


def enrollment_rows(actor: Actor) -> QuerySet[Enrollment]:
    """The enrolments the actor sees, with what the list shows. One query."""
    return Enrollment.objects.visible_to(actor).select_related(
        "teacher", "school", "organization", "project", "training_class", "school_opinion"
    )


def waiting_rows(actor: Actor) -> QuerySet[Enrollment]:
    """Those that the actor is to confirm now: a base the registered ones, the office what bases confirmed."""
    rows = enrollment_rows(actor)
    if actor.has_role(Role.BASE_ADMIN):
        return rows.filter(state=EnrollmentState.REGISTERED, project__base=actor.organization)
    if actor.has_role(*OFFICE):
        return rows.filter(state=EnrollmentState.BASE_CONFIRMED)
    return rows.none()


def _issue(request: PageRequest, rows: QuerySet[Enrollment], _given: dict[str, Any]) -> HttpResponse:
    job = ask_for_codes(request.actor, rows, title=_("发放学员验证码"))
    return redirect("jobs:detail", job.pk)


def _confirm_base(request: PageRequest, rows: QuerySet[Enrollment], _given: dict[str, Any]) -> str:
    count = confirm_by_base(request.actor, Confirmation(rows, request.actor))
    return _("已确认%(count)d人，等待项目办确认。") % {"count": count}


def _confirm_office(request: PageRequest, rows: QuerySet[Enrollment], _given: dict[str, Any]) -> str:
    count = confirm_by_office(request.actor, Confirmation(rows, request.actor))
    return _("已确认%(count)d人，报名成功。") % {"count": count}


def _print(request: PageRequest, rows: QuerySet[Enrollment], given: dict[str, Any]) -> HttpResponseBase:
    batch = print_forms(request.actor, rows.filter(state__in=STANDING), copies=given["copies"])
    return redirect(batch)


def _approved(row: Enrollment) -> bool:
    return hasattr(row, "school_opinion")


def _missing(row: Enrollment) -> str:
    return "、".join(label for _name, label in completeness(row.teacher).missing) or _("无")


_WHO = [
    Column("teacher__name", gettext_lazy("姓名"), sort="teacher__sort_key"),
    Column(
        "school",
        gettext_lazy("工作单位"),
        value=lambda row: row.school.label,
        sort="school__path",
        reads=label_of("school"),
    ),
    Column("project__code", gettext_lazy("项目编号"), sort="project__code"),
    Column("project__name", gettext_lazy("项目名称")),
    Column(
        "training_class",
        gettext_lazy("班级"),
        value=lambda row: row.training_class.name if row.training_class else _("未编班"),
        reads=("training_class__name",),
    ),
    Column("state", gettext_lazy("状态"), Kind.BADGE),
]

ENROLLMENTS: Register[Enrollment] = Register(
    "enrollment.enrollments",
    gettext_lazy("报名台账"),
    rows=enrollment_rows,
    columns=[
        *_WHO,
        Column(
            "opinion",
            gettext_lazy("推荐表已审核"),
            Kind.FLAG,
            value=_approved,
            reads=("school_opinion__enrollment",),
        ),
        Column(
            "organization",
            gettext_lazy("推荐单位"),
            value=lambda row: row.organization.label,
            shown=False,
            reads=label_of("organization"),
        ),
        Column(
            "phone",
            gettext_lazy("手机"),
            value=lambda row: row.teacher.masked_phone,
            shown=False,
            reads=("teacher__phone",),
        ),
        Column("registered_at", gettext_lazy("注册时间"), Kind.MOMENT, sort="registered_at", shown=False),
        Column("confirmed_at", gettext_lazy("确认时间"), Kind.MOMENT, shown=False),
    ],
    filters=EnrollmentFilter,
    search=("teacher__name__contains", "teacher__initials__startswith", "project__code__startswith"),
    search_hint=gettext_lazy("姓名、拼音首字母或项目编号"),
    url=leads_to("enrollment:enrollment"),
    actions=[
        BulkAction(
            "issue_codes",
            gettext_lazy("发放验证码"),
            _issue,
            confirm=gettext_lazy("将为其中待注册的学员发放验证码；以前发放的验证码立即作废。"),
            roles=frozenset(ISSUERS),
        ),
        BulkAction("print", gettext_lazy("打印推荐表"), _print, form=PrintForm, roles=PRINTERS),
    ],
    reads=("teacher__name", "project__code"),
    empty=gettext_lazy("还没有报名记录。推荐人选通过资格审核后出现在这里，然后发放验证码、注册、确认。"),
)

CONFIRMATIONS: Register[Enrollment] = Register(
    "enrollment.confirmations",
    gettext_lazy("报名确认"),
    rows=waiting_rows,
    columns=[
        *_WHO,
        Column(
            "missing",
            gettext_lazy("缺少的信息"),
            value=_missing,
            reads=[f"teacher__{name}" for name in REQUIRED],
        ),
        Column(
            "phone",
            gettext_lazy("手机"),
            value=lambda row: row.teacher.masked_phone,
            reads=("teacher__phone",),
        ),
        Column("registered_at", gettext_lazy("注册时间"), Kind.MOMENT, sort="registered_at"),
    ],
    filters=ConfirmationFilter,
    search=("teacher__name__contains", "teacher__initials__startswith", "project__code__startswith"),
    search_hint=gettext_lazy("姓名、拼音首字母或项目编号"),
    url=leads_to("enrollment:enrollment"),
    actions=[
        BulkAction(
            "confirm_base",
            gettext_lazy("确认报名"),
            _confirm_base,
            style="primary",
            roles=frozenset({Role.BASE_ADMIN}),
        ),
        BulkAction(
            "confirm_office",
            gettext_lazy("确认报名"),
            _confirm_office,
            style="primary",
            roles=frozenset(OFFICE),
        ),
    ],
    reads=("teacher__name", "project__code"),
    empty=gettext_lazy("现在没有等待您确认的报名。学员注册后会出现在这里。"),
)
