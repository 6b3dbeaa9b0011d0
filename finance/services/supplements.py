"""A supplementary budget: what the office granted after the budget was approved goes to a category, after a review.

Source: CQ20-5.5. The first budget stays as it was approved; the category's account grows by what is added to it.
"""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance import ledger
from finance.models import Budget, BudgetState, ExpenseCategory, Transfer, TransferState
from finance.models.account import ZERO
from finance.reach import KEEPERS
from finance.services.expenses import require_unsealed
from finance.services.judging import judge_spending
from finance.services.transfers import KIND, title_of
from portal.errors import Invalid, RuleBroken, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.reviews.services.opening import open_review
from portal.rulebook.findings import require
from programs.models import TrainingClass


@operation(
    "finance.supplement_budget",
    gettext_lazy("追加预算"),
    roles=KEEPERS,
    scope=own("base"),
    clauses=["CQ20-4.1", "CQ20-5.5"],
)
def supplement_budget(
    act: Act, training_class: TrainingClass, *, target: ExpenseCategory, amount: Decimal, reason: str
) -> Transfer:
    """Ask to budget `amount` yuan of what was granted and not budgeted for the category `target`.

    Raises Invalid for nonsense, RuleBroken when less is left (what waits for its review counts) or the category must not
    be charged, WrongState before the budget is approved and after the final account.
    """
    if amount <= 0:
        raise Invalid(_("金额须大于0。"), field="amount")
    if not reason.strip():
        raise Invalid(_("请填写计算说明和理由。"), field="reason")
    if not Budget.objects.filter(training_class=training_class, state=BudgetState.APPROVED).exists():
        raise WrongState(_("本班预算尚未批复；请直接在预算中编列，批复后才办理追加。"))
    require(judge_spending(training_class.rulebook, [(target, reason)])[0])
    ledger.lock([ledger.account_of(training_class).pk])
    require_unsealed(training_class)
    left = left_to_budget(training_class)
    if amount > left:
        words = _("核定经费中尚未编预算的只有%(left)s元（已报待审的除外），不足%(amount)s元。")
        figures = {"left": f"{left:,.2f}", "amount": f"{amount:,.2f}"}
        raise RuleBroken(words % figures, code="over_granted")
    made = Transfer.objects.create(
        training_class=training_class,
        target=target,
        amount=amount,
        reason=reason.strip(),
        by=act.actor.user,
        by_name=act.actor.name,
        at=act.now,
    )
    open_review(act, made, kind=KIND, origin=training_class.base, title=title_of(made))
    act.reason = reason.strip()
    act.changed(made, after={"to": target.name, "amount": amount, "state": made.state})
    return made


def left_to_budget(training_class: TrainingClass) -> Decimal:
    """What was granted, is not budgeted, and does not wait for a review, in yuan. Two queries."""
    account = training_class.fund_accounts.filter(category=None).first()
    waiting = Transfer.objects.filter(
        training_class=training_class, source=None, state=TransferState.PENDING
    ).aggregate(sum=Sum("amount"))["sum"]
    return (account.balance if account else ZERO) - (waiting or ZERO)
