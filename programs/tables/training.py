"""The lists of plans and of what bases owe."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import clock
from portal.operations.actor import Actor
from portal.ui.filters import FilterSet, carried
from portal.ui.register import Column, Kind, Register, leads_to
from programs.models import Deliverable, DeliverableRequirement, PlanState, TrainingPlan
from programs.tables.projects import bases, yes_no

STATUSES = (
    ("owed", gettext_lazy("待交")),
    ("overdue", gettext_lazy("逾期未交")),
    ("submitted", gettext_lazy("待审核")),
    ("returned", gettext_lazy("退回修改")),
    ("accepted", gettext_lazy("已接收")),
    ("late", gettext_lazy("逾期报送")),
)


def with_status(rows: QuerySet[Deliverable], status: str) -> QuerySet[Deliverable]:
    """The rows of one of STATUSES."""
    wanted = F("requirement__minimum")
    if status == "overdue":
        return rows.overdue(clock.today())  # type: ignore[attr-defined,no-any-return]
    if status == "late":
        return rows.filter(late=True)
    if status == "accepted":
        return rows.filter(accepted__gte=wanted)
    if status == "returned":
        return rows.filter(returned__gt=0, accepted__lt=wanted)
    if status == "submitted":
        return rows.filter(handed_in__gt=F("accepted"))
    return rows.filter(handed_in__lt=wanted, returned=0)


def requirements(request: Any) -> QuerySet[DeliverableRequirement]:
    found = Deliverable.objects.visible_to(request.actor).values("requirement")
    return DeliverableRequirement.objects.filter(pk__in=found)


class PlanFilter(FilterSet):
    state = django_filters.ChoiceFilter(label=gettext_lazy("状态"), choices=PlanState.choices)
    base = django_filters.ModelChoiceFilter(
        label=gettext_lazy("承担单位"), queryset=bases, field_name="training_class__base"
    )
    late = django_filters.BooleanFilter(label=gettext_lazy("逾期报送"), widget=yes_no())

    class Meta:
        model = TrainingPlan
        fields = ["state", "late"]


class OwedFilter(FilterSet):
    status = django_filters.ChoiceFilter(label=gettext_lazy("状态"), choices=STATUSES, method="by_status")
    requirement = django_filters.ModelChoiceFilter(label=gettext_lazy("应交材料"), queryset=requirements)
    base = django_filters.ModelChoiceFilter(
        label=gettext_lazy("承担单位"), queryset=bases, field_name="training_class__base"
    )
    due_before = django_filters.DateFilter(
        label=gettext_lazy("截止不晚于"), field_name="due_on", lookup_expr="lte"
    )

    # Not offered to choose from: by these the figures of other pages lead to their rows.
    category = carried("training_class__project__category")
    program = carried("training_class__project__program")

    class Meta:
        model = Deliverable
        fields = ["requirement"]

    def by_status(self, rows: QuerySet[Deliverable], name: str, value: str) -> QuerySet[Deliverable]:
        return with_status(rows, value)


def plan_rows(actor: Actor) -> QuerySet[TrainingPlan]:
    return TrainingPlan.objects.visible_to(actor).select_related(
        "training_class__base", "training_class__project"
    )


def owed_rows(actor: Actor) -> QuerySet[Deliverable]:
    return Deliverable.objects.visible_to(actor).select_related(
        "requirement", "training_class__base", "training_class__project"
    )


def status_of(row: Deliverable) -> tuple[str, str]:
    """The code and the word of how far a deliverable is; overdue goes before owed, late beside the rest."""
    if row.is_overdue(clock.today()):
        return "overdue", _("逾期未交")
    word = row.get_state_display()
    return row.state.value, _("%(word)s（逾期报送）") % {"word": word} if row.late else word


PLANS: Register[TrainingPlan] = Register(
    "programs.plans",
    gettext_lazy("培训方案"),
    rows=plan_rows,
    columns=[
        Column("training_class__name", gettext_lazy("班级"), sort="training_class__name"),
        Column("project", gettext_lazy("项目编号"), value=lambda row: row.training_class.project.code),
        Column("base", gettext_lazy("承担单位"), value=lambda row: row.training_class.base.label),
        Column("state", gettext_lazy("状态"), Kind.BADGE),
        Column(
            "training_class__starts_on",
            gettext_lazy("开班日期"),
            Kind.DATE,
            sort="training_class__starts_on",
        ),
        Column("submitted_at", gettext_lazy("首次报送"), Kind.MOMENT),
        Column("late", gettext_lazy("逾期报送"), Kind.FLAG),
        Column("opinion", gettext_lazy("审核意见"), shown=False),
    ],
    filters=PlanFilter,
    search=("training_class__name__icontains", "training_class__project__code__startswith"),
    search_hint=gettext_lazy("班级名称或项目编号"),
    order="training_class__starts_on",
    url=leads_to("programs:plan_record"),
    empty=gettext_lazy("还没有培训方案。培训基地在班级页面编写，报送后项目办可见。"),
)

OWED: Register[Deliverable] = Register(
    "programs.owed",
    gettext_lazy("应交材料"),
    rows=owed_rows,
    columns=[
        Column("requirement", gettext_lazy("应交材料"), value=lambda row: row.requirement.name),
        Column("training_class__name", gettext_lazy("班级"), sort="training_class__name"),
        Column("base", gettext_lazy("承担单位"), value=lambda row: row.training_class.base.label),
        Column("status", gettext_lazy("状态"), Kind.BADGE, value=status_of),
        Column(
            "due_on",
            gettext_lazy("截止"),
            Kind.DUE,
            value=lambda row: None if row.is_complete else clock.end_of(row.due_on),
            sort="due_on",
        ),
        Column("due_date", gettext_lazy("截止日期"), Kind.DATE, value=lambda row: row.due_on, shown=False),
        Column(
            "copies",
            gettext_lazy("已交 / 应交"),
            value=lambda row: f"{row.handed_in} / {row.requirement.minimum}",
        ),
        Column("completed_at", gettext_lazy("交齐时间"), Kind.MOMENT),
        Column("late", gettext_lazy("逾期报送"), Kind.FLAG, shown=False),
    ],
    filters=OwedFilter,
    search=("training_class__name__icontains", "requirement__name__icontains"),
    search_hint=gettext_lazy("班级或材料名称"),
    order="due_on",
    url=leads_to("programs:owed"),
    empty=gettext_lazy("没有应交材料。班级发布后，按通知规定自动列出。"),
)
