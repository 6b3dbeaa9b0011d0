"""Money granted after the budget was approved: budgeted after a review, right to the fen. CQ20-5.5."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import Sum
from django.urls import reverse
from rest_framework.test import APIClient

from finance import ledger
from finance.models import FundAccount, FundMovement, Transfer, TransferState
from finance.services import funds, transfers
from finance.services.supplements import left_to_budget, supplement_budget
from portal.accounts.roles import Role
from portal.errors import DomainError, Invalid, NotAllowed, RuleBroken, WrongState
from portal.messages.models import Message
from portal.reviews.models import Verdict
from tests.factories import BaseFactory, make_actor
from tests.finance.support import Money
from tests.programs.world import as_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def granted(money: Money) -> Money:
    """10,000.00 granted, 6,000.00 of it budgeted; then 2,000.01 more."""
    money.approved()
    funds.grant_funds(money.world.manager, money.again, amount=Decimal("12000.01"), reason="追加文号")
    return money


def asked(money: Money, amount: str = "6000.01", code: str = "meals") -> Transfer:
    return supplement_budget(
        money.keeper, money.again, target=money.category(code), amount=Decimal(amount), reason="增加学员2人"
    )


def received(money: Money, code: str) -> Decimal:
    return FundAccount.objects.get(
        training_class=money.training_class, category=money.category(code)
    ).received


@pytest.mark.clause("CQ20-5.5")
def test_what_was_granted_later_is_budgeted_after_a_review(granted: Money) -> None:
    made = asked(granted)
    assert (made.state, left_to_budget(granted.training_class)) == (TransferState.PENDING, Decimal(0))
    assert received(granted, "meals") == Decimal(1000), "nothing before the review"
    assert granted.decided(made).state == TransferState.DONE
    assert received(granted, "meals") == Decimal("7000.01")
    of_class = FundAccount.objects.filter(training_class=granted.training_class)
    assert of_class.get(category=None).balance == 0
    assert of_class.of_categories().aggregate(sum=Sum("received"))["sum"] == Decimal("12000.01")
    assert ledger.discrepancies() == []
    assert FundMovement.objects.filter(kind="budget", reason="增加学员2人").count() == 2


def test_a_category_that_had_nothing_may_get_it(granted: Money) -> None:
    granted.decided(asked(granted, "100", "venue"))
    assert received(granted, "venue") == Decimal(100)


@pytest.mark.parametrize(
    ("verdict", "state"), [(Verdict.RETURN, TransferState.RETURNED), (Verdict.REJECT, TransferState.REJECTED)]
)
def test_what_is_not_agreed_to_moves_nothing(granted: Money, verdict: Verdict, state: str) -> None:
    assert granted.decided(asked(granted), verdict, "理由不足").state == state
    assert received(granted, "meals") == Decimal(1000)
    assert left_to_budget(granted.training_class) == Decimal("6000.01")


def test_it_is_taken_back_while_it_waits(granted: Money) -> None:
    made = asked(granted)
    transfers.withdraw_transfer(granted.keeper, made)
    assert asked(granted).state == TransferState.PENDING


def test_no_more_than_is_left_counting_what_waits(granted: Money) -> None:
    asked(granted, "6000")
    with pytest.raises(RuleBroken, match=r"只有0\.01元"):
        asked(granted, "0.02")
    assert asked(granted, "0.01").state == TransferState.PENDING


def test_money_taken_back_while_it_waits_cannot_be_budgeted(granted: Money) -> None:
    made = asked(granted)
    funds.grant_funds(granted.world.manager, granted.again, amount=Decimal(11000), reason="调减文号")
    with pytest.raises(DomainError):
        granted.decided(made)
    assert received(granted, "meals") == Decimal(1000)


def test_nonsense_is_refused(granted: Money) -> None:
    for amount in ("0", "-1"):
        with pytest.raises(Invalid, match="大于0"):
            asked(granted, amount)
    with pytest.raises(Invalid, match="理由"):
        supplement_budget(
            granted.keeper, granted.again, target=granted.category("meals"), amount=Decimal(1), reason=" "
        )
    with pytest.raises(RuleBroken):
        supplement_budget(
            granted.keeper,
            granted.again,
            target=granted.category("meals"),
            amount=Decimal(1),
            reason="景区门票",
        )
    stranger = make_actor(Role.FINANCE_OFFICER, BaseFactory())
    with pytest.raises(NotAllowed):
        supplement_budget(
            stranger, granted.again, target=granted.category("meals"), amount=Decimal(1), reason="加"
        )


def test_not_before_the_budget_is_approved(money: Money) -> None:
    money.grant()
    money.draft()
    with pytest.raises(WrongState, match="尚未批复"):
        asked(money, "1")


def test_the_base_is_told_what_to_do_with_more(granted: Money) -> None:
    told = Message.objects.filter(recipient=granted.keeper.user, body__contains="追加预算")
    assert told.count() == 1


def test_the_page_leads_from_the_class_to_the_request(granted: Money) -> None:
    client = as_actor(granted.keeper)
    page = reverse("finance:class", args=[granted.training_class.pk])
    url = reverse("finance:supplement", args=[granted.training_class.pk])
    assert url in client.get(page).content.decode()
    assert "6,000.01" in client.get(url).content.decode()
    values = {"target": granted.category("meals").pk, "amount": "6000.01", "reason": "增加学员2人"}
    assert client.post(url, values | {"amount": "6000.02"}).status_code == 422
    assert client.post(url, values).status_code == 302
    assert "没有可以追加的经费" in client.get(url, follow=True).content.decode()
    made = Transfer.objects.get()
    for address in (page, reverse("finance:transfer", args=[made.pk]), reverse("finance:transfers")):
        assert "核定经费（追加预算）" in client.get(address).content.decode()
    stranger = as_actor(make_actor(Role.FINANCE_OFFICER, BaseFactory()))
    assert stranger.get(url).status_code == 404


def test_the_api_asks(granted: Money) -> None:
    client = APIClient()
    assert granted.keeper.user
    client.force_login(granted.keeper.user, backend="django.contrib.auth.backends.ModelBackend")
    given = {
        "training_class": granted.training_class.pk,
        "target": granted.category("meals").pk,
        "amount": "10.00",
        "reason": "增加学员2人",
    }
    done = client.post("/api/v1/budget-transfers/supplement/", given, format="json")
    assert (done.status_code, done.json()["source"]) == (201, None), done.content
