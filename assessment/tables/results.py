"""The list of published results (培训结果台账)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from assessment.models import GradeLevel, Result
from assessment.queries.results import result_rows
from enrollment.models import Enrollment
from portal.organizations.kinds import Kind as UnitKind
from portal.organizations.models import Organization, label_of
from portal.ui.filters import FilterSet
from portal.ui.register import Column, Kind, Register, leads_to
from programs.models import Project, TrainingClass
from programs.tables.projects import yes_no


def _projects(request: Any) -> QuerySet[Project]:
    return Project.objects.visible_to(request.actor)


def _classes(request: Any) -> QuerySet[TrainingClass]:
    return TrainingClass.objects.visible_to(request.actor).published()


def _schools(request: Any) -> QuerySet[Organization]:
    rows = Enrollment.objects.visible_to(request.actor).order_by().values("school")
    return Organization.objects.filter(pk__in=rows).order_by("path")


def _districts(request: Any) -> QuerySet[Organization]:
    rows = Enrollment.objects.visible_to(request.actor).order_by().values("school__parent")
    return Organization.objects.of(UnitKind.BUREAU).filter(pk__in=rows).order_by("path")


def _levels(request: Any) -> QuerySet[GradeLevel]:
    rows = Result.objects.visible_to(request.actor).order_by().values("level")
    return GradeLevel.objects.filter(pk__in=rows)


class ResultFilter(FilterSet):
    level = django_filters.ModelChoiceFilter(label=gettext_lazy("考核等级"), queryset=_levels)
    passed = django_filters.BooleanFilter(label=gettext_lazy("合格"), widget=yes_no())
    excellent = django_filters.BooleanFilter(label=gettext_lazy("优秀"), widget=yes_no())
    project = django_filters.ModelChoiceFilter(
        label=gettext_lazy("项目"), field_name="enrollment__project", queryset=_projects
    )
    training_class = django_filters.ModelChoiceFilter(
        label=gettext_lazy("班级"), field_name="results__training_class", queryset=_classes
    )
    school = django_filters.ModelChoiceFilter(
        label=gettext_lazy("工作单位"), field_name="enrollment__school", queryset=_schools
    )
    district = django_filters.ModelChoiceFilter(
        label=gettext_lazy("区县"), field_name="enrollment__school__parent", queryset=_districts
    )

    class Meta:
        model = Result
        fields = ["level", "passed", "excellent", "project", "training_class", "school", "district"]


def _certificate(row: Result) -> str:
    found = getattr(row, "certificate", None)
    return found.number if found and found.revoked_at is None else ""


RESULTS: Register[Result] = Register(
    "assessment.results",
    gettext_lazy("培训结果台账"),
    rows=result_rows,
    columns=[
        Column(
            "name",
            gettext_lazy("姓名"),
            value=lambda row: row.enrollment.teacher.name,
            reads=("enrollment__teacher__name",),
        ),
        Column(
            "school",
            gettext_lazy("工作单位"),
            value=lambda row: row.enrollment.school.label,
            reads=label_of("enrollment__school"),
        ),
        Column(
            "district",
            gettext_lazy("区县"),
            value=lambda row: row.enrollment.school.parent.label if row.enrollment.school.parent else "",
            shown=False,
            reads=label_of("enrollment__school__parent"),
        ),
        Column(
            "project",
            gettext_lazy("项目"),
            value=lambda row: str(row.enrollment.project),
            reads=("enrollment__project__code", "enrollment__project__name"),
        ),
        Column(
            "training_class",
            gettext_lazy("班级"),
            value=lambda row: row.results.training_class.name,
            reads=("results__training_class__name",),
        ),
        Column(
            "base",
            gettext_lazy("承担单位"),
            value=lambda row: row.results.training_class.base.label,
            shown=False,
            reads=label_of("results__training_class__base"),
        ),
        Column(
            "level",
            gettext_lazy("考核等级"),
            value=lambda row: row.level.name,
            reads=("level__name",),
        ),
        Column("score", gettext_lazy("综合得分"), Kind.NUMBER, sort="score"),
        Column("hours", gettext_lazy("学时"), Kind.NUMBER, sort="hours"),
        Column("credits", gettext_lazy("学分"), Kind.NUMBER),
        Column(
            "certificate",
            gettext_lazy("证书编号"),
            value=_certificate,
            reads=("certificate__number", "certificate__revoked_at"),
        ),
        Column("corrected_at", gettext_lazy("更正时间"), Kind.MOMENT, shown=False),
    ],
    filters=ResultFilter,
    search=(
        "enrollment__teacher__name__contains",
        "enrollment__teacher__initials__startswith",
        "certificate__number__startswith",
    ),
    search_hint=gettext_lazy("姓名、拼音首字母或证书编号"),
    url=leads_to("assessment:result"),
    empty=gettext_lazy(
        "还没有公布的培训结果。培训基地审定成绩后在班级页面公布，公布后学员、学校和区县都能看到。"
    ),
    template="assessment/results.html",
    reads=(),
)
