"""The registers of grades, of classes by their grading, and of leave. Source: CQ20-5.2."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Grade, GradeLevel, GradingState, LeaveRequest, LeaveState
from assessment.queries import attendance as queries
from enrollment.carried import of_district
from enrollment.models import STANDING
from portal.operations.actor import Actor
from portal.organizations.models import label_of
from portal.ui.filters import FilterSet, carried, meeting
from portal.ui.register import Column, Kind, Register, leads_to
from portal.ui.tallies import count_of
from programs.models import ClassState, TrainingClass
from programs.scopes import followed_by


def _classes(request: Any) -> QuerySet[TrainingClass]:
    return TrainingClass.objects.visible_to(request.actor).published()


def _level_choices() -> list[tuple[str, str]]:
    return list(GradeLevel.objects.order_by("position").values_list("code", "name").distinct())


class GradeFilter(FilterSet):
    level = django_filters.ChoiceFilter(
        label=gettext_lazy("考核等级"), field_name="level__code", choices=_level_choices
    )
    training_class = django_filters.ModelChoiceFilter(
        label=gettext_lazy("班级"), field_name="enrollment__training_class", queryset=_classes
    )
    final = django_filters.BooleanFilter(label=gettext_lazy("已审定"))

    # Not offered to choose from: by these the figures of other pages lead to their people.
    category = carried("enrollment__project__category")
    base = carried("enrollment__project__base")
    program = carried("enrollment__project__program")
    district = of_district("enrollment__school")
    having = meeting({"standing": lambda rows: rows.filter(enrollment__state__in=STANDING)})

    class Meta:
        model = Grade
        fields = ["level", "training_class", "final"]


def grade_list_rows(actor: Actor) -> QuerySet[Grade]:
    """The grades the actor sees, with what the list shows. One query."""
    return Grade.objects.visible_to(actor).select_related(
        "level",
        "enrollment__teacher",
        "enrollment__school",
        "enrollment__project",
        "enrollment__training_class",
    )


def _level_badge(row: Grade) -> tuple[str, str]:
    if row.level is None:
        return "pending", _("未评定")
    return ("passed" if row.level.passing else "failed"), row.level.name


GRADES: Register[Grade] = Register(
    "assessment.grade_list",
    gettext_lazy("成绩台账"),
    rows=grade_list_rows,
    columns=[
        Column("enrollment__teacher__name", gettext_lazy("姓名"), sort="enrollment__teacher__sort_key"),
        Column(
            "school",
            gettext_lazy("工作单位"),
            value=lambda row: row.enrollment.school.label,
            reads=label_of("enrollment__school"),
        ),
        Column("enrollment__project__code", gettext_lazy("项目编号"), sort="enrollment__project__code"),
        Column("enrollment__training_class__name", gettext_lazy("班级")),
        Column("attendance_rate", gettext_lazy("出勤率（%）"), Kind.NUMBER, sort="attendance_rate"),
        Column("performance_mark", gettext_lazy("学习表现"), Kind.NUMBER, sort="performance_mark"),
        Column("outcome_mark", gettext_lazy("培训成果"), Kind.NUMBER, sort="outcome_mark"),
        Column("score", gettext_lazy("综合得分"), Kind.NUMBER, sort="score"),
        Column(
            "level",
            gettext_lazy("考核等级"),
            Kind.BADGE,
            value=_level_badge,
            reads=("level__name", "level__passing"),
        ),
        Column("final", gettext_lazy("已审定"), Kind.FLAG),
        Column("comment", gettext_lazy("评语"), shown=False),
        Column("by_name", gettext_lazy("登记人"), shown=False),
        Column("updated_at", gettext_lazy("登记时间"), Kind.MOMENT, shown=False),
    ],
    filters=GradeFilter,
    search=("enrollment__teacher__name__contains", "enrollment__project__code__startswith"),
    search_hint=gettext_lazy("姓名或项目编号"),
    url=leads_to("enrollment:enrollment", "enrollment_id"),
    reads=("enrollment_id",),
    empty=gettext_lazy("还没有成绩。班主任在班级的成绩页面登记，审定后学员和学校可以看到。"),
)


class GradingFilter(FilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("成绩状态"), field_name="stage", choices=GradingState.choices
    )

    class Meta:
        model = TrainingClass
        fields: list[str] = []


def grading_rows(actor: Actor) -> QuerySet[TrainingClass]:
    """Open and finished classes with attendance and how far their grading is. One query."""
    rows = followed_by(actor).filter(state__in=[ClassState.OPEN, ClassState.FINISHED])
    counted = queries.with_class_attendance(rows).annotate(
        stage=Coalesce(F("grading__state"), Value(GradingState.OPEN.value)),
        graded=count_of(Grade.objects.exclude(level=None), "grading", "grading"),
    )
    return counted.select_related("project", "base")


GRADINGS: Register[TrainingClass] = Register(
    "assessment.gradings",
    gettext_lazy("考勤与成绩"),
    rows=grading_rows,
    columns=[
        Column("name", gettext_lazy("班级")),
        Column("base", gettext_lazy("承担单位"), value=lambda row: row.base.label, reads=label_of("base")),
        Column("ends_on", gettext_lazy("结束日期"), Kind.DATE, sort="ends_on"),
        Column("present", gettext_lazy("已报到"), Kind.NUMBER),
        Column(
            "sessions",
            gettext_lazy("已点名半天"),
            value=lambda row: f"{row.held} / {row.planned}",
            reads=("held", "planned"),
            url=leads_to("assessment:attendance"),
        ),
        Column(
            "rate",
            gettext_lazy("出勤率（%）"),
            Kind.NUMBER,
            value=queries.class_rate,
            reads=("held", "present", "marked"),
        ),
        Column("graded", gettext_lazy("已评定"), Kind.NUMBER),
        Column(
            "stage",
            gettext_lazy("成绩状态"),
            Kind.BADGE,
            value=lambda row: (row.stage, GradingState(row.stage).label),
            reads=("stage",),
        ),
    ],
    filters=GradingFilter,
    search=("name__contains", "project__code__startswith"),
    search_hint=gettext_lazy("班级或项目编号"),
    url=leads_to("assessment:class_grades"),
    reads=(),
    empty=gettext_lazy("还没有已开班的班级。"),
)


class LeaveFilter(FilterSet):
    state = django_filters.ChoiceFilter(label=gettext_lazy("状态"), choices=LeaveState.choices)

    class Meta:
        model = LeaveRequest
        fields = ["state"]


def leave_rows(actor: Actor) -> QuerySet[LeaveRequest]:
    """The requests of the classes one follows. One query."""
    return LeaveRequest.objects.visible_to(actor).select_related(
        "enrollment__teacher", "enrollment__school", "enrollment__training_class", "first", "last"
    )


LEAVES: Register[LeaveRequest] = Register(
    "assessment.leaves",
    gettext_lazy("请假"),
    rows=leave_rows,
    columns=[
        Column("enrollment__teacher__name", gettext_lazy("姓名")),
        Column("enrollment__training_class__name", gettext_lazy("班级")),
        Column(
            "first", gettext_lazy("自"), value=lambda row: str(row.first), reads=("first__day", "first__half")
        ),
        Column(
            "last", gettext_lazy("至"), value=lambda row: str(row.last), reads=("last__day", "last__half")
        ),
        Column("reason", gettext_lazy("事由")),
        Column("state", gettext_lazy("状态"), Kind.BADGE),
        Column("created_at", gettext_lazy("申请时间"), Kind.MOMENT, sort="created_at"),
        Column("decided_by_name", gettext_lazy("审批人"), shown=False),
    ],
    filters=LeaveFilter,
    search=("enrollment__teacher__name__contains",),
    search_hint=gettext_lazy("姓名"),
    url=leads_to("assessment:leave"),
    reads=(),
    empty=gettext_lazy("还没有请假申请。学员在手机上申请后出现在这里。"),
)
