"""Expenses: vouchers, what may be charged, never more than there is, corrected by reversal only."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from finance import ledger
from finance.models import Expense, FundAccount, FundMovement, Transfer, TransferState, Voucher
from finance.services import expenses, transfers
from finance.services.vouchers import open_voucher
from portal.accounts.roles import Role
from portal.errors import FileRefused, Invalid, NotAllowed, RuleBroken, WrongState
from portal.reviews.models import Verdict
from tests.enrollment.support import pdf, picture
from tests.factories import BaseFactory, make_actor
from tests.finance.support import Money


def test_an_expense_lowers_its_category_s_balance_and_keeps_its_vouchers(money: Money) -> None:
    money.approved()
    made = money.spend("1234.50", files=[pdf(), picture()])
    assert money.balances()["teaching"] == Decimal("3765.50")
    assert [each.name for each in made.vouchers.all()] == ["盖章扫描件.pdf", "scan.png"]
    assert FundMovement.objects.filter(kind="expense").get().balance == Decimal("3765.50")


def test_a_form_sent_twice_is_booked_once(money: Money) -> None:
    money.approved()
    key = uuid.uuid4()
    assert money.spend("100", key=key) == money.spend("100", key=key)
    assert (Expense.objects.count(), money.balances()["teaching"]) == (1, Decimal(4900))


@pytest.mark.clause("CQ20-5.5")
def test_more_than_the_category_has_left_is_refused_with_the_way_out(money: Money) -> None:
    money.approved()
    money.spend("1000", "meals")
    with pytest.raises(RuleBroken, match=r"余额0\.00元，不足0\.01元.*科目调剂"):
        money.spend("0.01", "meals")
    with pytest.raises(RuleBroken, match="预算中没有“住宿费”"):
        money.spend("1", "lodging")
    assert not ledger.discrepancies()


@pytest.mark.clause("CQ20-4.2")
def test_trainees_journeys_between_cities_are_refused_with_the_clause(money: Money) -> None:
    money.approved(money.line("transport"), money.line())
    theirs = {"description": "学员城市间交通费"}
    forbidden = {"category": money.category("intercity_travel")}
    for wanted in (theirs, theirs | {"category": money.category("teaching")}, forbidden):
        with pytest.raises(RuleBroken) as refused:
            money.spend("100", "transport", **wanted)
        assert refused.value.citation
        assert refused.value.citation.clause == "CQ20-4.2"
    assert money.spend("100", "teaching", description="专家城市间交通费").verdict == "pass"
    assert money.spend("100", "transport", description="李老师高铁票").verdict == "warn"


@pytest.mark.clause("CQ20-5.5")
def test_sightseeing_is_refused_with_the_clause(money: Money) -> None:
    money.approved(money.line("transport"))
    with pytest.raises(RuleBroken) as refused:
        money.spend("100", "transport", description="景区门票")
    assert refused.value.citation
    assert refused.value.citation.clause == "CQ20-5.5"


@pytest.mark.clause("CQ20-4.1")
def test_purchases_outside_the_categories_are_refused_with_the_clause(money: Money) -> None:
    money.approved(money.line("equipment"))
    with pytest.raises(RuleBroken) as refused:
        money.spend("100", "equipment", description="购置投影仪")
    assert refused.value.citation
    assert refused.value.citation.clause == "CQ20-4.1"


def test_before_the_budget_is_approved_nothing_is_spent(money: Money) -> None:
    money.submitted()
    with pytest.raises(WrongState, match="尚未批复"):
        money.spend("1")


def test_bad_input_books_nothing(money: Money) -> None:
    money.approved()
    with pytest.raises(Invalid, match="大于0"):
        money.spend("-1")
    with pytest.raises(Invalid, match="今天"):
        money.spend("1", paid_on=date(2020, 10, 25))
    with pytest.raises(FileRefused):
        money.spend("1", files=[SimpleUploadedFile("发票.pdf", b"MZ not a pdf")])
    with pytest.raises(Invalid, match="最多"):
        money.spend("1", files=[pdf()] * 11)
    values = {"category": money.category("meals"), "amount": Decimal(1), "paid_on": date(2020, 10, 24)}
    with pytest.raises(Invalid, match="上传凭证"):
        expenses.record_expense(
            money.keeper, money.again, values=values | {"payee": "a", "description": "b"}, files=[]
        )
    assert not Expense.objects.exists()
    assert not Voucher.objects.exists()
    assert money.balances()["teaching"] == Decimal(5000)


def test_a_reversal_puts_the_money_back_once(money: Money) -> None:
    money.approved()
    made = money.spend("300")
    counter = expenses.reverse_expense(money.keeper, made, reason="重复登记")
    assert (counter.amount, money.balances()["teaching"]) == (Decimal(-300), Decimal(5000))
    with pytest.raises(RuleBroken, match="已经冲销"):
        expenses.reverse_expense(money.keeper, made, reason="再次")
    with pytest.raises(RuleBroken, match="不能再冲销"):
        expenses.reverse_expense(money.keeper, counter, reason="再次")
    with pytest.raises(Invalid):
        expenses.reverse_expense(money.keeper, made, reason=" ")


def test_the_database_refuses_a_second_reversal_and_an_overdrawn_account(money: Money) -> None:
    money.approved()
    made = money.spend("300")
    expenses.reverse_expense(money.keeper, made, reason="重复登记")
    with pytest.raises(IntegrityError), transaction.atomic():
        Expense.objects.create(
            training_class=made.training_class,
            category=made.category,
            amount=-300,
            paid_on=made.paid_on,
            reverses=made,
            at=made.at,
        )
    with pytest.raises(IntegrityError, match="never_overdrawn"), transaction.atomic():
        FundAccount.objects.filter(category__code="teaching").update(spent=Decimal("5000.01"))


def test_a_small_transfer_is_made_at_once_and_shows_in_the_history(money: Money) -> None:
    money.approved()
    made = transfers.transfer(
        money.keeper,
        money.again,
        source=money.category("teaching"),
        target=money.category("lodging"),
        amount=Decimal(500),
        reason="人数增加",
    )
    assert made.state == TransferState.DONE
    assert money.balances() == {
        "": Decimal(4000),
        "teaching": Decimal(4500),
        "meals": Decimal(1000),
        "lodging": Decimal(500),
    }
    moves = FundMovement.objects.filter(kind="transfer")
    assert [(each.change, each.counterpart and str(each.counterpart.category)) for each in moves] == [
        (Decimal(500), "师资费"),
        (Decimal(-500), "住宿费"),
    ]


def test_what_exceeds_the_office_s_share_goes_through_review(money: Money) -> None:
    money.approved()
    wanted = {"source": money.category("teaching"), "target": money.category("meals"), "reason": "人数增加"}
    transfers.transfer(money.keeper, money.again, amount=Decimal("500"), **wanted)
    made = transfers.transfer(money.keeper, money.again, amount=Decimal("0.01"), **wanted)
    assert (made.state, money.balances()["meals"]) == (TransferState.PENDING, Decimal(1500))
    assert money.decided(made).state == TransferState.DONE
    assert money.balances()["meals"] == Decimal("1500.01")


def test_without_the_rule_every_transfer_is_made_at_once(money: Money) -> None:
    money.approved()
    money.world.program.rulebook.rules.filter(kind="finance.transfer_review").update(active=False)
    wanted = {"source": money.category("teaching"), "target": money.category("meals"), "reason": "人数增加"}
    assert transfers.transfer(money.keeper, money.again, amount=Decimal(5000), **wanted).state == "done"


@pytest.mark.parametrize(("verdict", "state"), [(Verdict.RETURN, "returned"), (Verdict.REJECT, "rejected")])
def test_a_transfer_that_is_not_agreed_to_moves_nothing(money: Money, verdict: Verdict, state: str) -> None:
    money.approved()
    made = pending(money)
    assert money.decided(made, verdict, "理由不足").state == state
    assert money.balances()["meals"] == Decimal(1000)


def test_a_transfer_is_taken_back_while_it_waits(money: Money) -> None:
    money.approved()
    made = pending(money)
    assert transfers.withdraw_transfer(money.keeper, made).state == TransferState.WITHDRAWN


def test_money_spent_while_the_transfer_waits_cannot_be_moved(money: Money) -> None:
    money.approved()
    made = pending(money)
    money.spend("5000")
    with pytest.raises(RuleBroken, match="余额"):
        money.decided(made)
    assert Transfer.objects.get().state == TransferState.PENDING


def test_a_transfer_of_nonsense_is_refused(money: Money) -> None:
    money.approved()
    teaching, meals = money.category("teaching"), money.category("meals")
    bad = [(teaching, teaching, "1", "理由"), (teaching, meals, "0", "理由"), (teaching, meals, "1", "")]
    for source, target, amount, reason in bad:
        with pytest.raises(Invalid):
            transfers.transfer(
                money.keeper, money.again, source=source, target=target, amount=Decimal(amount), reason=reason
            )
    with pytest.raises(RuleBroken, match="余额"):
        transfers.transfer(
            money.keeper, money.again, source=meals, target=teaching, amount=Decimal("1000.01"), reason="理由"
        )
    with pytest.raises(RuleBroken, match="不得列入"):
        transfers.transfer(
            money.keeper,
            money.again,
            source=meals,
            target=money.category("sightseeing"),
            amount=Decimal(1),
            reason="理由",
        )


def test_vouchers_open_to_the_base_and_to_those_above(money: Money) -> None:
    money.approved()
    voucher = money.spend("1").vouchers.get()
    officer = make_actor(Role.FINANCE_OFFICER, money.world.office)
    for actor in (money.keeper, money.reviewer, officer):
        assert open_voucher(actor, voucher).name.startswith("vouchers/")
    other = BaseFactory(parent=money.world.city)
    for role in (Role.BASE_ADMIN, Role.FINANCE_OFFICER):
        with pytest.raises(NotAllowed):
            open_voucher(make_actor(role, other), voucher)
    assert not Voucher.objects.visible_to(make_actor(Role.FINANCE_OFFICER, other)).exists()
    assert Voucher.objects.visible_to(officer).exists()


def test_the_command_finds_and_mends_what_differs_from_the_movements(
    money: Money, capsys: pytest.CaptureFixture[str]
) -> None:
    money.approved()
    money.spend("100")
    call_command("check_funds")
    assert "一致" in capsys.readouterr().out
    FundAccount.objects.filter(category__code="teaching").update(spent=Decimal(99))
    with pytest.raises(CommandError, match="共2处不一致"):
        call_command("check_funds")
    call_command("check_funds", rebuild=True)
    assert money.balances()["teaching"] == Decimal(4900)


def pending(money: Money) -> Transfer:
    """A transfer of 1,000.00 from teaching to meals that waits for the office."""
    return transfers.transfer(
        money.keeper,
        money.again,
        source=money.category("teaching"),
        target=money.category("meals"),
        amount=Decimal(1000),
        reason="人数增加",
    )
