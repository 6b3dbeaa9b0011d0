"""The register of classes with their money: what was granted, budgeted and spent."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from finance.models import BudgetState, FinalAccountState, FundAccount
from finance.models.account import ZERO
from finance.reach import classes_with_money
from finance.tables.money import bases
from portal.operations.actor import Actor
from portal.organizations.models import label_of
from portal.ui.filters import FilterSet
from portal.ui.register import Column, Kind, Register, leads_to
from portal.ui.words import word_of
from programs.models import ANNOUNCED, TrainingClass

_OWN = Q(category=None)


def class_rows(actor: Actor) -> QuerySet[TrainingClass]:
    """The announced classes whose money one sees, with its sums. One query."""
    rows = classes_with_money(actor).filter(state__in=ANNOUNCED)
    return rows.select_related("project", "base", "budget", "final_account").annotate(
        granted=_sum("received", _OWN),
        budgeted=_sum("received", ~_OWN),
        spent_sum=_sum("spent", ~_OWN),
    )


def _sum(column: str, condition: Q) -> Coalesce:
    accounts = FundAccount.objects.filter(condition, training_class=OuterRef("pk")).order_by()
    sums = accounts.values("training_class").annotate(sum=Sum(F(column))).values("sum")
    return Coalesce(Subquery(sums), ZERO, output_field=DecimalField(max_digits=14, decimal_places=2))


class ClassMoneyFilter(FilterSet):
    base = django_filters.ModelChoiceFilter(label=_("承担单位"), queryset=bases)
    budget = django_filters.ChoiceFilter(
        label=_("预算"), choices=[("none", _("未编制")), *BudgetState.choices], method="by_budget"
    )
    final = django_filters.ChoiceFilter(
        label=_("决算"), choices=[("none", _("未编制")), *FinalAccountState.choices], method="by_final"
    )

    class Meta:
        model = TrainingClass
        fields = ["base"]

    def by_budget(self, rows: QuerySet[TrainingClass], name: str, value: str) -> QuerySet[TrainingClass]:
        return rows.filter(budget=None) if value == "none" else rows.filter(budget__state=value)

    def by_final(self, rows: QuerySet[TrainingClass], name: str, value: str) -> QuerySet[TrainingClass]:
        return rows.filter(final_account=None) if value == "none" else rows.filter(final_account__state=value)


def _state(row: Any, name: str) -> tuple[str, object]:
    record = getattr(row, name, None)
    return (record.state, word_of(record, "state")) if record else ("draft", _("未编制"))


CLASSES: Register[TrainingClass] = Register(
    "finance.classes",
    _("班级经费"),
    rows=class_rows,
    columns=[
        Column("name", _("班级"), sort="name"),
        Column("project__code", _("项目编号"), sort="project__code"),
        Column("base", _("承担单位"), value=lambda row: row.base.label, reads=label_of("base")),
        Column("granted", _("核定经费"), Kind.MONEY, sort="granted"),
        Column(
            "budget", _("预算"), Kind.BADGE, value=lambda row: _state(row, "budget"), reads=("budget__state",)
        ),
        Column("budgeted", _("预算金额"), Kind.MONEY, sort="budgeted"),
        Column("spent_sum", _("已支出"), Kind.MONEY, sort="spent_sum"),
        Column(
            "left",
            _("余额"),
            Kind.MONEY,
            value=lambda row: row.budgeted - row.spent_sum,
            reads=("budgeted", "spent_sum"),
        ),
        Column(
            "final",
            _("决算"),
            Kind.BADGE,
            value=lambda row: _state(row, "final_account"),
            reads=("final_account__state",),
        ),
        Column("ends_on", _("结束日期"), Kind.DATE, sort="ends_on", shown=False),
    ],
    filters=ClassMoneyFilter,
    search=("name__icontains", "project__code__startswith"),
    search_hint=_("班级名称或项目编号"),
    order="starts_on",
    url=leads_to("finance:class"),
    reads=(),
    empty=_("还没有已发布的班级。班级发布后，项目办核定经费，培训基地编制预算。"),
)
