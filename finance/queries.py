"""Report rows of money, each in a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from assessment.hooks import Figure, performance_figures
from finance.models import BudgetState, Expense, FinalAccountState, FundAccount
from finance.models.account import ZERO
from finance.reach import classes_with_money
from portal.operations.actor import Actor
from programs.models import ANNOUNCED, TrainingClass


@dataclass(frozen=True)
class Figures:
    """A sum of accounts in yuan: granted, budgeted over the categories, spent, given back."""

    granted: Decimal = ZERO
    budgeted: Decimal = ZERO
    spent: Decimal = ZERO
    returned: Decimal = ZERO

    @property
    def remaining(self) -> Decimal:
        return self.granted - self.spent - self.returned

    @property
    def rate(self) -> Decimal | None:
        """How much of the budget was spent, 0 to 1; None without a budget."""
        return (self.spent / self.budgeted).quantize(Decimal("0.0001")) if self.budgeted else None

    @property
    def percent(self) -> str:
        return "—" if self.rate is None else f"{self.rate:.1%}"

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.granted + other.granted,
            self.budgeted + other.budgeted,
            self.spent + other.spent,
            self.returned + other.returned,
        )


NOTHING = Figures()
_GRANTED = Q(category=None)


def figures_of(classes: Sequence[int] | QuerySet[TrainingClass]) -> dict[int, Figures]:
    """The figures of each class that has any money, by its key. One query."""
    rows = FundAccount.objects.filter(training_class__in=classes).order_by().values("training_class_id")
    sums = rows.annotate(
        granted=Sum("received", filter=_GRANTED, default=ZERO),
        budgeted=Sum("received", filter=~_GRANTED, default=ZERO),
        all_spent=Sum("spent", default=ZERO),
        all_returned=Sum("returned", default=ZERO),
    )
    return {
        row["training_class_id"]: Figures(
            row["granted"], row["budgeted"], row["all_spent"], row["all_returned"]
        )
        for row in sums
    }


def sum_of(classes: QuerySet[TrainingClass]) -> Figures:
    """The figures of all `classes` together. One query."""
    sums = FundAccount.objects.filter(training_class__in=classes).aggregate(
        granted=Sum("received", filter=_GRANTED, default=ZERO),
        budgeted=Sum("received", filter=~_GRANTED, default=ZERO),
        spent=Sum("spent", default=ZERO),
        returned=Sum("returned", default=ZERO),
    )
    return Figures(**sums)


@performance_figures
def money_figures(classes: Sequence[int]) -> dict[int, Mapping[str, Figure]]:
    """`budget` and `spent` in yuan, `settled`: 1 for a class whose final account is settled. Two queries.

    They may be added up; how much of a budget was spent is the quotient of their sums.
    """
    found = figures_of(classes)
    settled = set(
        TrainingClass.objects.filter(
            pk__in=classes, final_account__state=FinalAccountState.SETTLED
        ).values_list("pk", flat=True)
    )
    return {
        key: {"budget": figures.budgeted, "spent": figures.spent, "settled": int(key in settled)}
        for key, figures in found.items()
    }


@dataclass(frozen=True)
class OverviewRow:
    """One base or project: how many classes, how many budgets are approved and accounts settled, and the sums."""

    label: str
    classes: int
    approved: int
    settled: int
    figures: Figures


def overview(actor: Actor, program: int, *, by: str) -> list[OverviewRow]:
    """The programme's money by base (`by="base"`) or by project, with its total last. Two queries."""
    path = {"base": "base__short_name", "project": "project__name"}[by]
    classes = list(
        classes_with_money(actor)
        .filter(project__program=program, state__in=ANNOUNCED)
        .order_by(path, "pk")
        .values_list("pk", path, "base__name", "project__code", "budget__state", "final_account__state")
    )
    figures = figures_of([row[0] for row in classes])
    groups: dict[str, OverviewRow] = {}
    for key, name, full_name, code, budget, final in classes:
        label = f"{code} {name}" if by == "project" else name or full_name
        groups[label] = _added(groups.get(label), label, budget, final, figures.get(key, NOTHING))
    return sorted(groups.values(), key=lambda row: row.label)


def total_of(rows: Sequence[OverviewRow], label: str) -> OverviewRow:
    """The sum of `rows`."""
    return OverviewRow(
        label,
        sum(each.classes for each in rows),
        sum(each.approved for each in rows),
        sum(each.settled for each in rows),
        sum((each.figures for each in rows), NOTHING),
    )


def _added(row: OverviewRow | None, label: str, budget: str, final: str, figures: Figures) -> OverviewRow:
    before = row or OverviewRow(label, 0, 0, 0, NOTHING)
    return OverviewRow(
        label,
        before.classes + 1,
        before.approved + (budget == BudgetState.APPROVED),
        before.settled + (final == FinalAccountState.SETTLED),
        before.figures + figures,
    )


def unbooked() -> list[tuple[FundAccount, Decimal]]:
    """Accounts whose `spent` differs from the expenses registered, with the expenses' sum. Two queries."""
    rows = Expense.objects.order_by().values_list("training_class", "category").annotate(Sum("amount"))
    paid = {(key, category): amount for key, category, amount in rows}
    accounts = FundAccount.objects.of_categories().select_related("training_class", "category")
    return [
        (each, paid.get((each.training_class_id, each.category_id), ZERO))
        for each in accounts
        if each.spent != paid.get((each.training_class_id, each.category_id), ZERO)
    ]
