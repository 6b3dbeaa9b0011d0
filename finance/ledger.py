"""The ledger's door: every change of a balance is one conditional statement and one movement beside it.

Nothing here checks who may; operations do. Nothing here reads a balance and writes it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext as _

from finance.models import ExpenseCategory, FundAccount, FundMovement, MovementKind
from finance.models.account import ZERO
from portal.errors import RuleBroken
from portal.operations.act import Act
from programs.models import TrainingClass

COLUMNS = ("received", "passed", "spent", "returned")
# Changes an account only where its balance stays at or above zero, and gives the new balance.
_MOVE = """
    UPDATE finance_fundaccount
    SET received = received + %(received)s, passed = passed + %(passed)s,
        spent = spent + %(spent)s, returned = returned + %(returned)s
    WHERE id = %(key)s
      AND received + %(received)s - passed - %(passed)s - spent - %(spent)s - returned - %(returned)s >= 0
    RETURNING received - passed - spent - returned
"""


@dataclass(frozen=True)
class Change:
    """What one movement adds to the four columns, in yuan."""

    received: Decimal = ZERO
    passed: Decimal = ZERO
    spent: Decimal = ZERO
    returned: Decimal = ZERO


def account_of(training_class: TrainingClass, category: ExpenseCategory | None = None) -> FundAccount:
    """The class's account of `category`, or that of what was granted; made when it is not there yet."""
    return FundAccount.objects.get_or_create(training_class=training_class, category=category)[0]


def grant(act: Act, training_class: TrainingClass, amount: Decimal, *, reason: str) -> None:
    """Add `amount` (below zero: take back) to what the class was granted."""
    _move(act, MovementKind.GRANT, account_of(training_class), Change(received=amount), reason=reason)


def distribute(
    act: Act, training_class: TrainingClass, amounts: Mapping[ExpenseCategory, Decimal], *, reason: str
) -> None:
    """Divide what was granted among the categories. Raises RuleBroken when that is less than the sum."""
    source = account_of(training_class)
    lock([source.pk])
    _move(act, MovementKind.BUDGET, source, Change(passed=sum(amounts.values(), ZERO)), reason=reason)
    for category, amount in sorted(amounts.items(), key=lambda pair: pair[0].pk):
        target = account_of(training_class, category)
        _move(act, MovementKind.BUDGET, target, Change(received=amount), other=source, reason=reason)


def spend(act: Act, account: FundAccount, amount: Decimal, *, reason: str) -> None:
    """Take `amount` from the account. Raises RuleBroken when less is left."""
    _move(act, MovementKind.EXPENSE, account, Change(spent=amount), reason=reason)


def unspend(act: Act, account: FundAccount, amount: Decimal, *, reason: str) -> None:
    """Put a reversed expense back."""
    _move(act, MovementKind.REVERSAL, account, Change(spent=-amount), reason=reason)


def transfer(act: Act, source: FundAccount, target: FundAccount, amount: Decimal, *, reason: str) -> None:
    """Move `amount` from one category to another; their sum stays what it was."""
    lock([source.pk, target.pk])
    _move(act, MovementKind.TRANSFER, source, Change(received=-amount), other=target, reason=reason)
    _move(act, MovementKind.TRANSFER, target, Change(received=amount), other=source, reason=reason)


def give_back(act: Act, training_class: TrainingClass, *, reason: str) -> Decimal:
    """Return everything that is left in all accounts of the class; return how much that was."""
    total = ZERO
    for each in lock_class(training_class):
        if each.balance:
            total += each.balance
            _move(act, MovementKind.RETURN, each, Change(returned=each.balance), reason=reason)
    return total


def lock(keys: Iterable[int]) -> list[FundAccount]:
    """Lock accounts in key order, the one order that keeps movers of several rows from waiting in a ring."""
    return list(FundAccount.objects.filter(pk__in=list(keys)).order_by("pk").select_for_update())


def lock_class(training_class: TrainingClass) -> list[FundAccount]:
    """Lock all accounts of a class: nothing is spent or moved until the transaction ends."""
    rows = FundAccount.objects.filter(training_class=training_class).select_related("category")
    return list(rows.order_by("pk").select_for_update(of=["self"]))


def rebuild(keys: Iterable[int]) -> None:
    """Set columns to the sums of their movements. The database refuses sums that would be overdrawn."""
    accounts = lock(keys)
    sums = sums_of_movements(each.pk for each in accounts)
    for account in accounts:
        for name in COLUMNS:
            setattr(account, name, getattr(sums.get(account.pk, Change()), name))
    FundAccount.objects.bulk_update(accounts, COLUMNS)


def sums_of_movements(keys: Iterable[int] | None = None) -> dict[int, Change]:
    """Each account's columns as the sums of its movements: what the stored ones must equal. One query."""
    rows = FundMovement.objects.all()
    if keys is not None:
        rows = rows.filter(account__in=list(keys))
    sums = rows.order_by().values_list("account_id").annotate(*(Sum(name) for name in COLUMNS))
    return {key: Change(*columns) for key, *columns in sums}


def discrepancies() -> list[tuple[FundAccount, Change]]:
    """Accounts that differ from their movements, with the movements' sums; an empty list is the only good answer."""
    rebuilt = sums_of_movements()
    rows = FundAccount.objects.select_related("training_class", "category")
    return [
        (each, rebuilt.get(each.pk, Change()))
        for each in rows
        if rebuilt.get(each.pk, Change()) != _stored(each)
    ]


def overdrawn(account: FundAccount, amount: Decimal) -> RuleBroken:
    """The refusal that says of which account how much is left."""
    account.refresh_from_db()
    name = account.category.name if account.category else _("核定经费")
    words = _("“%(name)s”余额%(left)s元，不足%(amount)s元。") % {
        "name": name,
        "left": f"{account.balance:,.2f}",
        "amount": f"{amount:,.2f}",
    }
    if account.category is None:
        return RuleBroken(words + _("预算不能超过核定经费，请核减后再报。"), code="over_granted")
    clause = account.category.clause
    return RuleBroken(
        words + _("如确需支出，请先办理科目调剂。"),
        code="over_budget",
        citation=clause.citation if clause else None,
    )


def _stored(account: FundAccount) -> Change:
    return Change(*(getattr(account, name) for name in COLUMNS))


def _move(
    act: Act,
    kind: MovementKind,
    account: FundAccount,
    change: Change,
    *,
    other: FundAccount | None = None,
    reason: str = "",
) -> None:
    """Apply the change where it leaves no balance below zero, and write the movement. Raises `overdrawn`."""
    deltas = {name: getattr(change, name) for name in COLUMNS}
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {**deltas, "key": account.pk})
        found = cursor.fetchone()
    if found is None:
        raise overdrawn(account, change.passed + change.spent + change.returned - change.received)
    FundMovement.objects.create(
        account=account,
        kind=kind,
        **deltas,
        balance=found[0],
        counterpart=other,
        reason=reason[:200],
        by=act.actor.user,
        by_name=act.actor.name,
        at=act.now,
    )
