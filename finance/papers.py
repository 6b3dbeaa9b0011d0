"""Budget and final account as papers in the form's layout (domain facts §2.11). Source: CQ20-5.5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.models import Budget, BudgetLine, FinalAccount, FinalAccountLine
from finance.reach import KEEPERS, READS_ALL
from finance.sheets import when_of
from portal.papers.kinds import Facts, PaperKind, register_kind
from programs.models import TrainingClass

PRINTERS = frozenset({*KEEPERS, *READS_ALL})
UP = ("training_class__project__program", "training_class__base")


def budget_rows() -> QuerySet[Budget]:
    """Budgets with all that the form prints. Two queries."""
    lines = BudgetLine.objects.select_related("category")
    return Budget.objects.select_related(*UP).prefetch_related(Prefetch("lines", lines))


def budget_contexts(budgets: Sequence[Budget]) -> list[Mapping[str, Any]]:
    """What the form of each says. No query."""
    return [
        {
            **_head(each.training_class),
            "people": each.headcount,
            "groups": _groups(each.lines.all()),
            "total": f"{each.total:,.2f}",
            "payee": each.payee,
            "bank": f"{each.bank} {each.bank_code}".strip(),
            # The paper goes to the office to be paid by: it has the number in full.
            "account": each.bank_account,
            "contact": f"{each.contact_name} {each.contact_phone}".strip(),
            "state": str(each.get_state_display()),
        }
        for each in budgets
    ]


def budget_facts(budget: Budget) -> Facts:
    return _public(budget.training_class, _("经费预算表"), str(budget.get_state_display()))


def final_rows() -> QuerySet[FinalAccount]:
    """Final accounts with all that the form prints. Two queries."""
    lines = FinalAccountLine.objects.select_related("category")
    return FinalAccount.objects.select_related(*UP).prefetch_related(Prefetch("lines", lines))


def final_contexts(accounts: Sequence[FinalAccount]) -> list[Mapping[str, Any]]:
    """What the form of each says. No query."""
    return [
        {
            **_head(each.training_class),
            "people": each.headcount,
            "lines": [_final_line(line) for line in each.lines.all()],
            "budgeted": f"{each.budgeted:,.2f}",
            "spent": f"{each.spent:,.2f}",
            "difference": f"{each.difference:,.2f}",
            "state": str(each.get_state_display()),
        }
        for each in accounts
    ]


def final_facts(final: FinalAccount) -> Facts:
    return _public(final.training_class, _("经费决算表"), str(final.get_state_display()))


def _head(training_class: TrainingClass) -> dict[str, Any]:
    return {
        "program": training_class.project.program.name,
        "project": str(training_class.project),
        "base": training_class.base.name,
        "class": training_class.name,
        "when": when_of(training_class),
        "days": training_class.days,
        "hours": training_class.project.hours,
        "place": training_class.place,
    }


def _groups(lines: Iterable[BudgetLine]) -> list[dict[str, Any]]:
    """The lines by category, as the form has them: one wide cell beside its lines."""
    groups: dict[str, list[dict[str, str]]] = {}
    for each in lines:
        line = {
            "item": each.item,
            "amount": f"{each.amount:,.2f}",
            "calculation": each.calculation,
            "note": each.note,
        }
        groups.setdefault(each.category.name, []).append(line)
    return [{"name": name, "lines": rows, "span": len(rows)} for name, rows in groups.items()]


def _final_line(line: FinalAccountLine) -> dict[str, str]:
    return {
        "name": line.category.name,
        "budgeted": f"{line.budgeted:,.2f}",
        "spent": f"{line.spent:,.2f}",
        "difference": f"{line.difference:,.2f}",
        "explanation": line.explanation,
    }


def _public(training_class: TrainingClass, form: str, state: str) -> Facts:
    return Facts(
        title=form,
        number=f"{training_class.project.code}-{training_class.number}",
        issuer=training_class.base.name,
        lines=[(_("培训项目"), str(training_class.project)), (_("状态"), state)],
    )


BUDGET_FORM: PaperKind[Budget] = register_kind(
    PaperKind(
        "finance.budget",
        gettext_lazy("经费预算表"),
        "papers/budget.html",
        PRINTERS,
        budget_rows,
        budget_contexts,
        budget_facts,
    )
)
FINAL_FORM: PaperKind[FinalAccount] = register_kind(
    PaperKind(
        "finance.final_account",
        gettext_lazy("经费决算表"),
        "papers/final_account.html",
        PRINTERS,
        final_rows,
        final_contexts,
        final_facts,
    )
)
