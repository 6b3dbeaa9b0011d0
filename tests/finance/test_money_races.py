"""Two people with the same money at the same moment; beside the race a control with the guard off."""

from __future__ import annotations

from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest

from finance import ledger
from finance.models import Expense, FundAccount
from finance.services import expenses
from portal.errors import DomainError
from tests.accounts.races import at_once
from tests.finance.support import Money, make_money

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True), pytest.mark.clause("CQ20-5.5")]


@pytest.fixture
def money(transactional_db: None) -> Money:
    made = make_money()
    made.approved()
    made.spend("4999", description="讲课费")
    return made


def both_spend_the_last_yuan(money: Money) -> list[object]:
    return at_once(lambda: money.spend("1"), lambda: money.spend("1"))


def test_the_last_yuan_is_spent_once(money: Money, monkeypatch: pytest.MonkeyPatch) -> None:
    barrier, move = Barrier(2, timeout=20), ledger.spend

    def meeting(*args: Any, **kwargs: Any) -> None:
        barrier.wait()
        move(*args, **kwargs)

    monkeypatch.setattr(expenses.ledger, "spend", meeting)
    refused = [each for each in both_spend_the_last_yuan(money) if isinstance(each, Exception)]
    assert [isinstance(each, DomainError) for each in refused] == [True]
    assert (money.account("teaching").balance, Expense.objects.count()) == (Decimal(0), 2)
    assert ledger.discrepancies() == []


def test_control_reading_the_balance_first_spends_it_twice(
    money: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    barrier = Barrier(2, timeout=20)

    def naive(_act: Any, account: FundAccount, amount: Decimal, *, reason: str) -> None:
        found = FundAccount.objects.get(pk=account.pk)
        assert found.balance >= amount
        barrier.wait()
        found.spent += amount
        found.save()

    monkeypatch.setattr(expenses.ledger, "spend", naive)
    assert not any(isinstance(each, Exception) for each in both_spend_the_last_yuan(money))
    booked = sum(each.amount for each in Expense.objects.all())
    assert (booked, money.account("teaching").received) == (Decimal(5001), Decimal(5000))


def test_one_expense_is_reversed_once(money: Money) -> None:
    made = Expense.objects.get()
    results = at_once(
        lambda: expenses.reverse_expense(money.keeper, made, reason="错误"),
        lambda: expenses.reverse_expense(money.keeper, made, reason="错误"),
    )
    assert sum(isinstance(each, DomainError) for each in results) == 1
    assert money.account("teaching").balance == Decimal(5000)
