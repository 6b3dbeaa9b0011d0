"""Moving money between a class's categories: at once within the share the rulebook leaves, else after a review. CQ20-5.5."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance import ledger
from finance.models import ExpenseCategory, FundMovement, MovementKind, Transfer
from finance.models.account import ZERO
from finance.reach import KEEPERS
from finance.rules import TransferCase
from finance.services.expenses import open_account, require_unsealed
from finance.services.judging import judge_spending
from finance.states import TRANSFER
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.reviews.handlers import ReviewHandler, review_handler
from portal.reviews.services.closing import withdraw_reviews
from portal.reviews.services.opening import open_review
from portal.rulebook.findings import Finding, Verdict, require
from portal.rulebook.kinds import judge, rules_for
from programs.models import TrainingClass

KIND = "finance.transfer"
REVIEW = "finance.transfer_review"


@operation(
    "finance.transfer",
    gettext_lazy("科目调剂"),
    roles=KEEPERS,
    scope=own("base"),
    clauses=["CQ20-4.1", "CQ20-5.5"],
)
def transfer(
    act: Act,
    training_class: TrainingClass,
    *,
    source: ExpenseCategory,
    target: ExpenseCategory,
    amount: Decimal,
    reason: str,
) -> Transfer:
    """Move `amount` yuan from one category to another, or send it to review when the rulebook wants one.

    Raises Invalid for nonsense, RuleBroken when the source has less or the target must not be charged.
    """
    if source == target or amount <= 0:
        raise Invalid(_("请选择两个不同的科目，金额须大于0。"), field="amount")
    if not reason.strip():
        raise Invalid(_("请填写调剂理由。"), field="reason")
    require(judge_spending(training_class.rulebook, [(target, reason)])[0])
    account = ledger.lock([open_account(training_class, source).pk])[0]
    require_unsealed(training_class)
    if account.balance < amount:
        raise ledger.overdrawn(account, amount)
    made = Transfer.objects.create(
        training_class=training_class,
        source=source,
        target=target,
        amount=amount,
        reason=reason,
        by=act.actor.user,
        by_name=act.actor.name,
        at=act.now,
    )
    if needs_review(made):
        open_review(act, made, kind=KIND, origin=training_class.base, title=title_of(made))
    else:
        _carry_out(act, made)
    act.reason = reason
    act.changed(made, after={"from": source.name, "to": target.name, "amount": amount, "state": made.state})
    return made


@operation(
    "finance.withdraw_transfer",
    gettext_lazy("撤回科目调剂"),
    roles=KEEPERS,
    scope=own("training_class.base"),
    clauses=["CQ20-5.5"],
)
def withdraw_transfer(act: Act, made: Transfer) -> Transfer:
    """Take back a transfer that waits for its review."""
    withdraw_reviews(act, [made])
    TRANSFER.apply(made, "withdraw", decided_at=act.now)
    act.changed(made, after={"state": made.state})
    return made


def needs_review(made: Transfer) -> list[Finding]:
    """The findings that send the transfer to review; none: it may be carried out at once. Two queries."""
    rules = rules_for(made.rulebook, REVIEW)
    if not rules or made.source is None:
        return []
    movements = FundMovement.objects.filter(
        account__training_class=made.training_class,
        account__category=made.source,
    )
    sums = dict(movements.order_by().values_list("kind").annotate(Sum("received")))
    out = movements.filter(kind=MovementKind.TRANSFER, received__lt=0).aggregate(sum=Sum("received"))["sum"]
    case = TransferCase(made.source.name, sums.get(MovementKind.BUDGET, ZERO), -(out or ZERO), made.amount)
    return [each for each in judge(rules, case) if each.verdict != Verdict.PASS]


def _carry_out(act: Act, made: Transfer) -> None:
    """Move the money. Raises RuleBroken when the source has been spent meanwhile, WrongState after the final account."""
    if made.source is None:
        ledger.distribute(act, made.training_class, {made.target: made.amount}, reason=made.reason)
    else:
        source = open_account(made.training_class, made.source)
        target = ledger.account_of(made.training_class, made.target)
        ledger.transfer(act, source, target, made.amount, reason=made.reason)
    require_unsealed(made.training_class)
    TRANSFER.apply(made, "carry_out", decided_at=act.now)


def title_of(made: Transfer) -> str:
    """What the reviewers read."""
    return f"{made.training_class} {made}"


@review_handler(KIND, gettext_lazy("科目调剂审核"))
class TransferReviews(ReviewHandler[Transfer]):
    """An approved transfer is carried out; if the money is gone by then, approving is refused."""

    model = Transfer

    def approved(self, act: Act, subjects: QuerySet[Transfer]) -> None:
        for each in subjects.select_related("training_class", "source", "target").order_by("pk"):
            _carry_out(act, each)

    def returned(self, act: Act, subjects: QuerySet[Transfer], opinion: str) -> None:
        TRANSFER.apply_to(subjects, "return", decided_at=act.now, opinion=opinion)

    def rejected(self, act: Act, subjects: QuerySet[Transfer], opinion: str) -> None:
        TRANSFER.apply_to(subjects, "reject", decided_at=act.now, opinion=opinion)

    def lapsed(self, act: Act, subjects: QuerySet[Transfer]) -> None:
        self.returned(act, subjects, _("逾期未审核"))

    def url(self, subject_id: int) -> str:
        return reverse("finance:transfer", args=[subject_id])
