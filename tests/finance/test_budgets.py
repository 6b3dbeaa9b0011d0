"""Budgets: lines that add up, what may be charged, review, editions, and the class that waits for them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from finance.models import Budget, BudgetLine, BudgetState, FundAccount
from finance.services import budgets, funds
from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed, RuleBroken, WrongState
from portal.reviews.models import Verdict
from portal.rulebook.findings import Verdict as Said
from programs.models import ClassState
from tests.factories import BaseFactory, make_actor
from tests.finance.support import HEAD, Money


def test_the_amount_is_the_product_of_the_calculation(money: Money) -> None:
    made = money.draft(money.line(price="350.50", count=3, times=2))
    line = made.lines.get()
    assert (line.amount, made.total) == (Decimal("2103.00"), Decimal("2103.00"))
    assert line.calculation == "350.50元/人·天 × 3人 × 2天"


def test_an_amount_that_differs_from_its_calculation_is_refused(money: Money) -> None:
    with pytest.raises(Invalid, match="不符"):
        money.draft(money.line(amount=Decimal("4999.99")))
    assert not BudgetLine.objects.exists()


def test_the_database_itself_refuses_a_line_that_does_not_add_up(money: Money) -> None:
    line = money.draft().lines.all()[0]
    with pytest.raises(IntegrityError, match="budget_line_amount_is_product"), transaction.atomic():
        BudgetLine.objects.filter(pk=line.pk).update(amount=1)


@pytest.mark.parametrize("changes", [{"count": 0}, {"price": Decimal(0)}, {"price": Decimal(9_999_999)}])
def test_a_line_of_nothing_or_of_millions_is_refused(money: Money, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="须大于0"):
        money.draft(money.line(**changes))


def test_a_category_of_another_notice_is_refused(money: Money) -> None:
    category = money.category("meals")
    category.rulebook_id = 0
    with pytest.raises(Invalid, match="不是本年度通知的科目"):
        money.draft(money.line(category=category))


@pytest.mark.clause("CQ20-4.1")
def test_only_the_notice_s_seven_categories_may_be_budgeted(money: Money) -> None:
    wanted = ["teaching", "lodging", "meals", "venue", "equipment", "materials", "transport"]
    assert money.draft(*(money.line(code) for code in wanted)).lines.count() == 7
    money.world.program.rulebook.expense_categories.filter(code="venue").update(allowed=False)
    with pytest.raises(RuleBroken, match="“培训场地费”不得列入专项经费") as refused:
        money.draft(money.line("venue"))
    assert refused.value.citation
    assert refused.value.citation.clause == "CQ20-4.1"


@pytest.mark.clause("CQ20-4.2")
@pytest.mark.parametrize("item", ["学员城市间交通费", "学员往返路费"])
def test_trainees_journeys_between_cities_are_no_budget_line(money: Money, item: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        money.draft(money.line("transport", item=item))
    assert refused.value.citation
    assert refused.value.citation.clause == "CQ20-4.2"
    with pytest.raises(RuleBroken):
        money.draft(money.line("intercity_travel"))
    assert money.draft(money.line("teaching", item="专家城市间交通费")).total == Decimal(5000)


@pytest.mark.clause("CQ20-5.5")
def test_sightseeing_is_no_budget_line(money: Money) -> None:
    for line in (money.line("sightseeing"), money.line("transport", note="景区参观考察用车")):
        with pytest.raises(RuleBroken) as refused:
            money.draft(line)
        assert refused.value.citation
        assert refused.value.citation.clause == "CQ20-5.5"


@pytest.mark.clause("CQ20-4.1")
def test_purchases_are_no_budget_line(money: Money) -> None:
    with pytest.raises(RuleBroken, match="购置") as refused:
        money.draft(money.line("equipment", item="购置笔记本电脑"))
    assert refused.value.citation
    assert refused.value.citation.clause == "CQ20-4.1"


def test_tickets_are_only_pointed_at(money: Money) -> None:
    made = money.draft(money.line("transport", item="高铁票"))
    found = budgets.findings_of(budgets.lines_of(made))[0]
    assert {each.verdict for each in found} == {Said.PASS, Said.WARN}


def test_a_submitted_budget_is_kept_as_an_edition_and_told_to_the_office(money: Money) -> None:
    made = money.submitted()
    edition = made.editions.get()
    assert (edition.number, edition.total, len(edition.lines)) == (1, Decimal(6000), 2)
    assert edition.lines[0]["calculation"] == "500.00元/人·天 × 10人 × 1天"
    assert made.state == BudgetState.SUBMITTED


def test_a_budget_that_lacks_something_is_not_submitted(money: Money) -> None:
    money.grant()
    made = budgets.save_budget(money.keeper, money.again, version=0, head=HEAD | {"payee": ""}, lines=[])
    with pytest.raises(Invalid, match="收款单位"):
        budgets.submit_budget(money.keeper, made)
    made = budgets.save_budget(money.keeper, money.again, version=made.version, head=dict(HEAD), lines=[])
    with pytest.raises(Invalid, match="没有明细"):
        budgets.submit_budget(money.keeper, made)


def test_without_funds_or_above_them_nothing_is_submitted(money: Money) -> None:
    made = money.draft()
    with pytest.raises(RuleBroken, match="尚未核定"):
        budgets.submit_budget(money.keeper, made)
    money.grant("5999.99")
    with pytest.raises(RuleBroken, match=r"超过核定经费5,999\.99元"):
        budgets.submit_budget(money.keeper, made)


def test_an_approved_budget_is_divided_among_its_categories(money: Money) -> None:
    money.approved()
    assert money.balances() == {"": Decimal(4000), "teaching": Decimal(5000), "meals": Decimal(1000)}


def test_funds_cut_while_the_budget_waits_keep_it_from_being_approved(money: Money) -> None:
    made = money.submitted()
    money.grant("5000")
    with pytest.raises(RuleBroken, match="预算不能超过核定经费"):
        money.decided(made)
    assert Budget.objects.get().state == BudgetState.SUBMITTED


def test_funds_already_budgeted_cannot_be_taken_back(money: Money) -> None:
    money.approved()
    with pytest.raises(RuleBroken):
        money.grant("5999.99")
    money.grant("6000")
    assert money.balances()[""] == 0


@pytest.mark.parametrize(("amount", "reason"), [("0", "文号"), ("10000000", "文号"), ("1", " ")])
def test_nonsense_is_not_granted(money: Money, amount: str, reason: str) -> None:
    with pytest.raises(Invalid):
        funds.grant_funds(money.world.manager, money.again, amount=Decimal(amount), reason=reason)
    assert not FundAccount.objects.filter(received__gt=0).exists()


def test_a_returned_budget_comes_again_as_the_second_edition(money: Money) -> None:
    made = money.decided(money.submitted(), Verdict.RETURN, "讲课费偏高")
    assert (made.state, made.opinion) == (BudgetState.RETURNED, "讲课费偏高")
    again = budgets.submit_budget(money.keeper, money.draft(money.line(price="400")))
    assert [each.total for each in again.editions.all()] == [Decimal(4000), Decimal(6000)]
    assert money.decided(again).state == BudgetState.APPROVED


def test_a_refused_budget_is_drawn_up_anew(money: Money) -> None:
    made = money.decided(money.submitted(), Verdict.REJECT, "不符合要求")
    with pytest.raises(WrongState, match="重新编制"):
        money.draft()
    assert budgets.revise_budget(money.keeper, made).state == BudgetState.DRAFT
    assert money.draft().version > made.version


def test_a_budget_under_review_or_approved_is_not_changed(money: Money) -> None:
    made = money.submitted()
    with pytest.raises(WrongState, match="先撤回"):
        money.draft()
    assert budgets.withdraw_budget(money.keeper, made).state == BudgetState.DRAFT
    with pytest.raises(WrongState):
        budgets.withdraw_budget(money.keeper, made)
    money.decided(budgets.submit_budget(money.keeper, made))
    with pytest.raises(WrongState, match="科目调剂"):
        money.draft()


def test_two_people_on_one_budget(money: Money) -> None:
    made = money.draft()
    with pytest.raises(Conflict):
        budgets.save_budget(
            money.keeper, money.again, version=made.version - 1, head=dict(HEAD), lines=[money.line()]
        )


def test_a_cancelled_class_gets_no_budget(money: Money) -> None:
    money.training_class.project.classes.update(state=ClassState.CANCELLED)
    with pytest.raises(WrongState, match="已取消"):
        money.draft()


def test_only_the_base_s_own_people_keep_its_money(money: Money) -> None:
    stranger = make_actor(Role.BASE_ADMIN, BaseFactory(parent=money.world.city))
    for actor in (stranger, money.world.manager, money.reviewer):
        with pytest.raises(NotAllowed):
            budgets.save_budget(actor, money.again, version=0, head=dict(HEAD), lines=[])
    officer = money.world.actor(Role.FINANCE_OFFICER, money.world.base)
    assert budgets.save_budget(officer, money.again, version=0, head=dict(HEAD), lines=[money.line()]).total


def test_the_account_number_rests_encrypted_and_shows_masked(money: Money) -> None:
    made = money.draft()
    with connection.cursor() as cursor:
        cursor.execute("SELECT bank_account FROM finance_budget WHERE id = %s", [made.pk])
        stored = cursor.fetchone()[0]
    assert HEAD["bank_account"] not in stored
    assert made.masked_account == "622*********2222"


@pytest.mark.clause("CQ20-5.5")
def test_a_class_opens_only_with_an_approved_budget(money: Money) -> None:
    def said() -> Any:
        (found,) = funds.budget_guard(money.again)
        return found.verdict, found.message, found.citation and found.citation.clause

    assert said() == (Said.BLOCK, "本班经费预算未编制，批复后才能开班", "CQ20-5.5")
    money.submitted()
    assert said()[:2] == (Said.BLOCK, "本班经费预算待审核，批复后才能开班")
    money.decided(Budget.objects.get())
    assert said()[0] == Said.PASS
