"""Final accounts: drawn from the ledger, complete with vouchers, equal to the fen, settled."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finance import ledger, queries
from finance.models import Expense, FinalAccount, FinalAccountState, FundAccount
from finance.services import expenses, final_accounts, transfers
from portal import clock
from portal.errors import Conflict, RuleBroken, WrongState
from portal.reviews.models import Verdict
from programs.models import Deliverable, TrainingClass
from tests.finance.support import Money


@pytest.fixture
def over(money: Money) -> Money:
    """The class ended yesterday; its budget is approved and 5,100.50 were spent of 6,000.00."""
    money.approved()
    TrainingClass.objects.update(
        starts_on=clock.today() - timedelta(10), ends_on=clock.today() - timedelta(1)
    )
    money.spend("4500.50")
    money.spend("600", "meals", description="伙食费")
    return money


def submitted(money: Money) -> FinalAccount:
    return final_accounts.submit_final_account(money.keeper, money.complete())


@pytest.mark.clause("CQ20-5.5")
def test_budget_and_final_account_stand_side_by_side(over: Money) -> None:
    made = submitted(over)
    assert [
        (each.category.name, each.budgeted, each.spent, each.difference) for each in made.lines.all()
    ] == [
        ("师资费", Decimal(5000), Decimal("4500.50"), Decimal("499.50")),
        ("伙食费", Decimal(1000), Decimal(600), Decimal(400)),
    ]
    assert (made.budgeted, made.spent, made.state) == (Decimal(6000), Decimal("5100.50"), "submitted")


@pytest.mark.clause("CQ20-5.5")
def test_a_settled_account_gives_back_what_is_left(over: Money) -> None:
    made = over.decided(submitted(over))
    assert made.state == FinalAccountState.SETTLED
    assert set(over.balances().values()) == {Decimal(0)}
    figures = queries.figures_of([over.training_class.pk])[over.training_class.pk]
    assert (figures.granted, figures.spent, figures.returned) == (
        Decimal(10000),
        Decimal("5100.50"),
        Decimal("4899.50"),
    )
    assert not ledger.discrepancies()
    with pytest.raises(WrongState):
        over.complete()


@pytest.mark.clause("CQ20-5.5")
def test_it_is_not_submitted_without_its_vouchers_and_explanations(over: Money) -> None:
    made = final_accounts.explain_final_account(over.keeper, over.again, explanations={})
    with pytest.raises(RuleBroken, match=r"决算凭证缺少：培训计划审批文件.*讲课费签收单或合同.*伙食费结算单"):
        final_accounts.submit_final_account(over.keeper, made)
    over.complete()
    meals = over.category("meals").pk
    made = final_accounts.explain_final_account(over.keeper, over.again, explanations={meals: ""})
    with pytest.raises(RuleBroken, match="少10%以上，请填写说明：伙食费"):
        final_accounts.submit_final_account(over.keeper, made)


def test_the_checklist_asks_only_for_what_was_spent(over: Money) -> None:
    names = [each.requirement.name for each in final_accounts.checklist_of(over.again)]
    assert "实际参训人员签到表" in names
    assert "住宿费结算单" not in names


def test_before_the_class_is_over_it_is_not_submitted(over: Money) -> None:
    made = over.complete()
    TrainingClass.objects.update(ends_on=clock.today() + timedelta(1))
    with pytest.raises(RuleBroken, match="结束后才能报送决算"):
        final_accounts.submit_final_account(over.keeper, FinalAccount.objects.get(pk=made.pk))


@pytest.mark.clause("CQ20-5.5")
def test_while_it_is_under_review_nothing_moves(over: Money) -> None:
    made = submitted(over)
    with pytest.raises(WrongState, match="决算已报送"):
        over.spend("1")
    with pytest.raises(WrongState, match="决算已报送"):
        expenses.reverse_expense(over.keeper, Expense.objects.all()[0], reason="错误")
    with pytest.raises(WrongState, match="决算已报送"):
        transfers.transfer(
            over.keeper,
            over.again,
            source=over.category("teaching"),
            target=over.category("meals"),
            amount=Decimal(1),
            reason="理由",
        )
    check = final_accounts.checklist_of(over.again)[0]
    with pytest.raises(WrongState):
        final_accounts.attach_voucher(
            over.keeper, over.again, requirement=check.requirement, file=check.vouchers[0].file
        )
    assert final_accounts.withdraw_final_account(over.keeper, made).state == FinalAccountState.DRAFT
    assert over.spend("1").pk
    with pytest.raises(WrongState):
        final_accounts.withdraw_final_account(over.keeper, made)


@pytest.mark.parametrize("verdict", [Verdict.RETURN, Verdict.REJECT])
def test_a_returned_one_takes_the_new_figures_when_it_comes_again(over: Money, verdict: Verdict) -> None:
    made = over.decided(submitted(over), verdict, "请核对伙食费")
    assert (made.state, made.opinion) == (FinalAccountState.RETURNED, "请核对伙食费")
    over.spend("100", "meals", description="伙食费")
    again = submitted(over)
    assert again.spent == Decimal("5200.50")


@pytest.mark.clause("CQ20-5.5")
def test_figures_that_do_not_agree_are_not_submitted(over: Money) -> None:
    made = over.complete()
    Expense.objects.filter(category__code="meals").update(amount=Decimal("599.99"))
    with pytest.raises(Conflict, match="不符"):
        final_accounts.submit_final_account(over.keeper, made)


def test_without_a_budget_there_is_nothing_to_account_for(money: Money) -> None:
    with pytest.raises(WrongState, match="尚未批复"):
        final_accounts.explain_final_account(money.keeper, money.again, explanations={})


def test_both_are_among_what_the_base_owes_for_the_class(over: Money) -> None:
    submitted(over)
    owed = Deliverable.objects.filter(training_class=over.training_class)
    assert {each.requirement.code: (each.handed_in, each.accepted) for each in owed if each.handed_in} == {
        "budget": (1, 1),
        "final_account": (1, 0),
    }
    over.decided(FinalAccount.objects.get())
    assert owed.get(requirement__code="final_account").accepted == 1


def test_performance_gets_budget_and_spending_in_two_queries(
    over: Money, django_assert_num_queries: object
) -> None:
    key = over.training_class.pk
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = queries.money_figures([key])
    assert found == {key: {"budget": Decimal(6000), "spent": Decimal("5100.50"), "settled": 0}}
    over.decided(submitted(over))
    assert queries.money_figures([key])[key]["settled"] == 1
    assert queries.figures_of([key])[key].rate == Decimal("0.8501")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["spend", "reverse", "transfer"]),
        st.sampled_from(["teaching", "meals"]),
        st.integers(1, 700_000),
    ),
    max_size=8,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_whatever_is_done_lines_total_ledger_and_expenses_agree_to_the_fen(
    over: Money, steps: list[tuple[str, str, int]]
) -> None:
    for act, code, fen in steps:
        try:
            _step(over, act, code, Decimal(fen) / 100)
        except RuleBroken:
            continue
    made = final_accounts.explain_final_account(over.keeper, over.again, explanations={})
    final_accounts.require_reconciled(made)
    accounts = FundAccount.objects.filter(training_class=over.training_class)
    assert made.spent == sum(each.spent for each in made.lines.all()) == sum(each.spent for each in accounts)
    assert made.budgeted == Decimal(6000)
    assert all(each.balance >= 0 for each in accounts)
    assert sum(each.balance for each in accounts) + made.spent == Decimal(10000)
    assert ledger.discrepancies() == []
    assert queries.unbooked() == []


def _step(money: Money, act: str, code: str, amount: Decimal) -> None:
    if act == "spend":
        money.spend(str(amount), code, description="费用")
    elif act == "reverse":
        found = Expense.objects.filter(category__code=code, reverses=None, reversal=None).first()
        if found:
            expenses.reverse_expense(money.keeper, found, reason="错误")
    else:
        other = "meals" if code == "teaching" else "teaching"
        transfers.transfer(
            money.keeper,
            money.again,
            source=money.category(code),
            target=money.category(other),
            amount=amount,
            reason="调整",
        )
