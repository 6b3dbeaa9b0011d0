"""Two people with the same money at the same moment; beside the race a control with the guard off."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest

from finance import ledger
from finance.models import Budget, BudgetEdition, Expense, FinalAccount, FinalAccountState, FundAccount
from finance.services import budgets, expenses, final_accounts
from portal.errors import DomainError
from portal.reviews.models import Review, Verdict
from portal.reviews.services import decide
from tests.finance.support import HEAD, Money, make_money
from tests.programs.world import moment, set_clock
from tests.races import KEPT_AWAY, SURE, at_once, meet, refused, wait

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
    meet(monkeypatch, ledger, "spend")
    assert refused(both_spend_the_last_yuan(money)) == [True]
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
    assert refused(both_spend_the_last_yuan(money)) == []
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


def both_send(money: Money, monkeypatch: pytest.MonkeyPatch, *keys: UUID) -> int:
    """Send the same form twice at once, both past the look for an earlier booking; return how many were booked."""
    meet(monkeypatch, expenses, "judge_spending")
    first, second = keys
    results = at_once(
        lambda: money.spend("0.10", key=first),
        lambda: money.spend("0.10", key=second),
    )
    assert refused(results) == []
    assert ledger.discrepancies() == []
    return Expense.objects.filter(amount=Decimal("0.10")).count()


def test_a_form_sent_twice_at_once_is_booked_once(money: Money, monkeypatch: pytest.MonkeyPatch) -> None:
    key = uuid4()
    assert both_send(money, monkeypatch, key, key) == 1
    assert money.account("teaching").balance == Decimal("0.90")


def test_control_two_forms_at_once_are_two_bookings(money: Money, monkeypatch: pytest.MonkeyPatch) -> None:
    assert both_send(money, monkeypatch, uuid4(), uuid4()) == 2


def meeting(barrier: Barrier, step: Callable[..., Any], seconds: float = SURE) -> Callable[..., Any]:
    """`step` with a rendezvous before it."""

    def run(*args: Any, **kwargs: Any) -> Any:
        wait(barrier, seconds)
        return step(*args, **kwargs)

    return run


@pytest.fixture
def over(money: Money, monkeypatch: pytest.MonkeyPatch) -> Money:
    """The class is over, its final account drawn up with every voucher and explanation."""
    set_clock(monkeypatch, moment(11, 19))
    money.complete()
    return money


def final_of(money: Money) -> FinalAccount:
    rows = FinalAccount.objects.select_related(
        "training_class__base", "training_class__project__program__rulebook"
    )
    return rows.get(training_class=money.training_class)


def spent_while_submitting(money: Money, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One books the last yuan, the other submits the final account: both have looked before either writes."""
    barrier, final = Barrier(2, timeout=20), final_of(money)
    monkeypatch.setattr(expenses.ledger, "spend", meeting(barrier, ledger.spend))
    monkeypatch.setattr(final_accounts, "_accounts", meeting(barrier, final_accounts._accounts))
    return at_once(lambda: money.spend("1"), lambda: final_accounts.submit_final_account(money.keeper, final))


def test_an_expense_is_in_the_final_account_or_refused(over: Money, monkeypatch: pytest.MonkeyPatch) -> None:
    results = spent_while_submitting(over, monkeypatch)
    final = final_of(over)
    assert final.state == FinalAccountState.SUBMITTED
    assert (refused(results), final.spent) in [([True], Decimal(4999)), ([], Decimal(5000))]
    assert sum(each.amount for each in Expense.objects.all()) == final.spent
    assert ledger.discrepancies() == []


def test_control_asking_first_books_behind_the_final_account(
    over: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the account is sealed is asked before the money is taken, and submitting locks nothing."""
    barrier, ask, accounts = Barrier(2, timeout=20), expenses.require_unsealed, final_accounts._accounts
    spend, done = ledger.spend, Barrier(2, timeout=20)

    def unlocked(training_class: Any, *, lock: bool = False) -> Any:
        barrier.wait()
        return accounts(training_class)

    def asked_first(*args: Any, **kwargs: Any) -> None:
        ask(over.training_class)
        barrier.wait()
        done.wait()
        spend(*args, **kwargs)

    keep = final_accounts.handed_in

    def settled(*args: Any, **kwargs: Any) -> None:
        keep(*args, **kwargs)
        done.wait()

    monkeypatch.setattr(final_accounts, "_accounts", unlocked)
    monkeypatch.setattr(final_accounts, "handed_in", settled)
    monkeypatch.setattr(expenses, "require_unsealed", lambda _class: None)
    monkeypatch.setattr(expenses.ledger, "spend", asked_first)
    final = final_of(over)
    results = at_once(
        lambda: over.spend("1"), lambda: final_accounts.submit_final_account(over.keeper, final)
    )
    assert refused(results) == []
    assert (final_of(over).spent, over.account("teaching").spent) == (Decimal(4999), Decimal(5000))


def test_of_settling_and_an_expense_the_expense_comes_too_late(over: Money) -> None:
    final_accounts.submit_final_account(over.keeper, final_of(over))
    review = Review.objects.of_subject(final_of(over)).get()
    results = at_once(lambda: decide(over.reviewer, review, verdict=Verdict.APPROVE), lambda: over.spend("1"))
    assert refused(results) == [True]
    assert final_of(over).state == FinalAccountState.SETTLED
    assert set(over.balances().values()) == {Decimal(0)}
    assert ledger.discrepancies() == []


def explained_while_submitting(money: Money, monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[object]:
    """One explains differences anew; behind its look at the state the other spends a yuan and submits."""
    barrier, submitted, draw = Barrier(2, timeout=20), Barrier(2, timeout=20), final_accounts._draw

    def draw_late(*args: Any) -> None:
        wait(barrier, SURE)
        wait(submitted, seconds)
        draw(*args)

    def submit() -> object:
        wait(barrier, SURE)
        monkeypatch.setattr(final_accounts, "_draw", draw)
        money.spend("1")
        done = final_accounts.submit_final_account(money.keeper, final_of(money))
        wait(submitted, seconds)
        return done

    monkeypatch.setattr(final_accounts, "_draw", draw_late)
    mine = money.again
    return at_once(lambda: final_accounts.explain_final_account(money.keeper, mine, explanations={}), submit)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_figures_read_before_the_submission_do_not_get_behind_it(
    over: Money, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """In the control explaining locks no account: then what the reviewers see is not what was booked."""
    if not guarded:
        monkeypatch.setattr(final_accounts.ledger, "lock_class", lambda each: list(accounts_of(each)))
    explained_while_submitting(over, monkeypatch, KEPT_AWAY if guarded else SURE)
    final = final_of(over)
    assert final.state == FinalAccountState.SUBMITTED
    assert (final.spent == over.account("teaching").spent) is guarded


def accounts_of(training_class: Any) -> Any:
    return FundAccount.objects.filter(training_class=training_class).select_related("category").order_by("pk")


def changed_while_submitting(money: Money, monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[object]:
    """One doubles the budget's price, the other submits the budget: both have read it before either writes."""
    barrier, budget = Barrier(2, timeout=20), Budget.objects.get(training_class=money.training_class)
    mine = money.again
    monkeypatch.setattr(budgets, "save_version", meeting(barrier, budgets.save_version, seconds))
    monkeypatch.setattr(budgets, "_require_granted", meeting(barrier, budgets._require_granted, seconds))
    return at_once(
        lambda: budgets.save_budget(
            money.keeper, mine, version=budget.version, head=dict(HEAD), lines=[money.line(price="600")]
        ),
        lambda: budgets.submit_budget(money.keeper, budget),
    )


@pytest.fixture
def drafted(transactional_db: None) -> Money:
    made = make_money()
    made.grant()
    made.draft(made.line())
    return made


def test_a_budget_is_not_changed_under_its_reviewers(drafted: Money, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(changed_while_submitting(drafted, monkeypatch, KEPT_AWAY)) == [True]
    budget = Budget.objects.get()
    editions = list(BudgetEdition.objects.values_list("total", flat=True))
    assert (budget.state, budget.total, editions) in [
        ("submitted", Decimal(5000), [Decimal(5000)]),
        ("draft", Decimal(6000), []),
    ]


def test_control_without_locking_the_budget_its_lines_change_behind_the_edition(
    drafted: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "hold", lambda *_args: None)
    monkeypatch.setattr(Budget.objects, "select_for_update", Budget.objects.all)
    assert refused(changed_while_submitting(drafted, monkeypatch, SURE)) == []
    edition = BudgetEdition.objects.get()
    assert (Budget.objects.get().total, edition.total) == (Decimal(6000), Decimal(5000))
