"""Money under the API: the same lists, acts and refusals as the pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.models import Budget, Expense, FinalAccount, Transfer
from portal import clock
from portal.accounts.roles import Role
from programs.models import TrainingClass
from tests.enrollment.support import pdf
from tests.factories import BaseFactory, make_actor
from tests.finance.support import HEAD, Money
from tests.programs.world import as_actor

ROOT = "/api/v1/"


def post(money: Money, path: str, data: Any, *, as_manager: bool = False, status: int = 200) -> Any:
    client = as_actor(money.world.manager if as_manager else money.keeper)
    response = client.post(ROOT + path, data, content_type="application/json")
    assert response.status_code == status, response.content.decode()
    return response.json()


def budget(money: Money, **changes: Any) -> dict[str, Any]:
    line = {name: value for name, value in money.line().items() if name != "note"}
    line |= {"category": money.category("teaching").pk, "price": "500.00", "note": "说明"}
    return HEAD | {"training_class": money.training_class.pk, "version": 0, "lines": [line]} | changes


def test_a_budget_goes_its_way(money: Money) -> None:
    key = money.training_class.pk
    grant = {"training_class": key, "amount": "8000", "reason": "文号"}
    found = post(money, "fund-accounts/grant/", grant, as_manager=True)
    assert [each["balance"] for each in found] == ["8000.00"]
    made = post(money, "budgets/save/", budget(money))
    assert (made["total"], made["lines"][0]["calculation"]) == ("5000.00", "500.00元/人·天 × 10人 × 1天")
    assert HEAD["bank_account"] not in str(made)
    again = budget(money, version=made["version"], bank_account="")
    post(money, "budgets/save/", again)
    assert Budget.objects.get().bank_account == HEAD["bank_account"]
    assert post(money, f"budgets/{made['id']}/submit/", {})["state"] == "submitted"
    assert post(money, f"budgets/{made['id']}/withdraw/", {})["state"] == "draft"
    refused = post(money, f"budgets/{made['id']}/revise/", {}, status=409)
    assert refused["code"]


def test_what_is_not_seen_or_does_not_add_up_is_refused(money: Money) -> None:
    assert post(money, "budgets/save/", budget(money, training_class=0), status=422)["code"]
    wrong = budget(money)
    wrong["lines"][0]["amount"] = "1.00"
    assert "不符" in str(post(money, "budgets/save/", wrong, status=422))
    wrong["lines"][0]["category"] = 0
    assert "没有找到" in str(post(money, "budgets/save/", wrong, status=422))


def test_expenses_transfers_and_final_account(money: Money) -> None:
    money.approved()
    key, client = money.training_class.pk, as_actor(money.keeper)
    form = {
        "training_class": key,
        "category": money.category("teaching").pk,
        "amount": "100.50",
        "paid_on": "2020-10-24",
        "payee": "演示专家",
        "description": "讲课费",
        "vouchers": [pdf()],
    }
    response = client.post(f"{ROOT}expenses/record/", form)
    assert response.status_code == 201
    assert response.json()["vouchers"][0]["name"].endswith(".pdf")
    forbidden = form | {"category": money.category("sightseeing").pk, "vouchers": [pdf()]}
    refused = client.post(f"{ROOT}expenses/record/", forbidden)
    assert refused.json()["clause"] == "CQ20-5.5"
    made = Expense.objects.get()
    assert post(money, f"expenses/{made.pk}/reverse/", {"reason": "重复"}, status=201)["amount"] == "-100.50"
    wish = {
        "training_class": key,
        "source": money.category("teaching").pk,
        "target": money.category("meals").pk,
        "amount": "4000",
        "reason": "调整",
    }
    assert post(money, "budget-transfers/move/", wish, status=201)["state"] == "pending"
    waiting = Transfer.objects.get()
    assert post(money, f"budget-transfers/{waiting.pk}/withdraw/", {})["state"] == "withdrawn"
    TrainingClass.objects.update(starts_on=clock.today() - timedelta(9), ends_on=clock.today())
    money.complete()
    lines = [{"category": money.category("meals").pk, "explanation": "未发生"}]
    drawn = post(money, "final-accounts/explain/", {"training_class": key, "lines": lines})
    assert drawn["lines"][1]["explanation"] == "未发生"
    final = FinalAccount.objects.get()
    assert post(money, f"final-accounts/{final.pk}/submit/", {})["state"] == "submitted"
    assert post(money, f"final-accounts/{final.pk}/withdraw/", {})["state"] == "draft"


@pytest.mark.parametrize(
    "path", ["fund-accounts", "budgets", "expenses", "budget-transfers", "final-accounts"]
)
def test_a_stranger_sees_empty_lists_and_the_office_everything(money: Money, path: str) -> None:
    money.approved()
    money.spend("1")
    stranger = make_actor(Role.BASE_ADMIN, BaseFactory(parent=money.world.city))
    assert as_actor(stranger).get(f"{ROOT}{path}/").json()["results"] == []
    seen = as_actor(money.world.manager).get(f"{ROOT}{path}/").json()["results"]
    assert bool(seen) == (path in {"fund-accounts", "budgets", "expenses"})
    if path == "fund-accounts":
        assert sum(Decimal(each["balance"]) for each in seen) == Decimal(9999)
