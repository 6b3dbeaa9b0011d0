"""Pages of money: what each role sees, forms on the way, lists at a constant number of queries, papers and workbooks."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from finance.models import Budget, Expense, FinalAccount, FundAccount, Transfer, Voucher
from finance.papers import budget_contexts, budget_facts, budget_rows, final_contexts, final_facts, final_rows
from finance.services import final_accounts
from portal import clock
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.ui.registry import work_items
from programs.models import TrainingClass
from tests.enrollment.support import pdf
from tests.factories import BaseFactory, make_actor
from tests.finance.support import HEAD, Money
from tests.programs.world import as_actor, make_class

LISTS = ["overview", "classes", "budgets", "expenses", "transfers", "final_accounts"]


def url(name: str, *args: object) -> str:
    return reverse(f"finance:{name}", args=args)


def page(actor: Actor, name: str, *args: object) -> str:
    response = as_actor(actor).get(url(name, *args))
    assert response.status_code == 200
    return response.content.decode()


def over(money: Money) -> FinalAccount:
    """The class is over, 4,000.00 of 6,000.00 spent, the final account drawn up with its vouchers."""
    money.approved()
    TrainingClass.objects.update(starts_on=clock.today() - timedelta(9), ends_on=clock.today())
    money.spend("4000")
    return money.complete()


def line_fields(number: int, money: Money, **changes: Any) -> dict[str, Any]:
    values = {
        "category": money.category("meals").pk,
        "item": "学员伙食费",
        "price": "100",
        "price_unit": "人·天",
        "count": "10",
        "count_unit": "人",
        "times": "3",
        "times_unit": "天",
    }
    return {f"lines-{number}-{name}": value for name, value in (values | changes).items()}


def head_fields(money: Money, total: int, **changes: Any) -> dict[str, Any]:
    form = {"lines-TOTAL_FORMS": total, "lines-INITIAL_FORMS": 0, "version": 0}
    return HEAD | form | changes


def test_a_budget_is_drawn_up_submitted_and_withdrawn_on_pages(money: Money) -> None:
    money.grant()
    client, key = as_actor(money.keeper), money.training_class.pk
    text = client.get(url("budget_edit", key)).content.decode()
    assert "讲课费" in text
    assert "演示培训基地" in text
    fields = (
        head_fields(money, 2) | line_fields(0, money) | line_fields(1, money, price="", count="", times="")
    )
    assert client.post(url("budget_edit", key), fields).status_code == 302
    made = Budget.objects.get()
    assert (made.total, made.lines.count()) == (Decimal(3000), 1)
    assert client.post(url("budget_submit", made.pk)).status_code == 302
    assert "撤回" in page(money.keeper, "budget", made.pk)
    assert "第1次" in page(money.reviewer, "budget", made.pk)
    client.post(url("budget_withdraw", made.pk))
    assert Budget.objects.get().state == "draft"
    kept = head_fields(money, 1, version=Budget.objects.get().version, bank_account="") | line_fields(
        0, money
    )
    client.post(url("budget_edit", key), kept)
    assert Budget.objects.get().bank_account == HEAD["bank_account"]


def test_a_line_that_does_not_add_up_comes_back_as_422_and_the_typing_stays(money: Money) -> None:
    client, key = as_actor(money.keeper), money.training_class.pk
    response = client.post(
        url("budget_edit", key), head_fields(money, 1) | line_fields(0, money, amount="2999.99")
    )
    assert response.status_code == 422
    assert "2999.99" in response.content.decode()
    assert "不符" in response.content.decode()
    response = client.post(url("budget_edit", key), head_fields(money, 1) | line_fields(0, money, item=""))
    assert (response.status_code, "请填写" in response.content.decode()) == (422, True)


def test_the_office_grants_and_the_base_spends_transfers_and_reverses_on_pages(money: Money) -> None:
    key = money.training_class.pk
    manager, keeper = as_actor(money.world.manager), as_actor(money.keeper)
    manager.post(url("grant", key), {"amount": "9000", "reason": "文号"})
    assert FundAccount.objects.get().received == Decimal(9000)
    money.approved()
    form = {
        "category": money.category("teaching").pk,
        "amount": "123.45",
        "paid_on": "2020-10-24",
        "payee": "演示专家",
        "description": "讲课费",
        "vouchers": [pdf(), pdf()],
        "key": "4f1c6c1e-7d8e-4d35-9a59-0b7f5d3a1d11",
    }
    assert keeper.post(url("expense_create", key), form).status_code == 302
    made = Expense.objects.get()
    assert made.vouchers.count() == 2
    wrong = form | {
        "description": "城市间交通费",
        "category": money.category("meals").pk,
        "vouchers": [pdf()],
    }
    refused = keeper.post(url("expense_create", key), wrong | {"key": "4f1c6c1e-7d8e-4d35-9a59-0b7f5d3a1d12"})
    assert refused.status_code == 422
    assert "不得列入专项经费" in refused.content.decode()
    moved = {
        "source": money.category("teaching").pk,
        "target": money.category("meals").pk,
        "amount": "100",
        "reason": "人数增加",
    }
    assert keeper.post(url("transfer_create", key), moved).status_code == 302
    assert "人数增加" in page(money.keeper, "transfer", Transfer.objects.get().pk)
    assert keeper.post(url("expense_reverse", made.pk), {"reason": "重复"}).status_code == 302
    assert "已由第" in page(money.keeper, "expense", made.pk)
    voucher = keeper.get(url("voucher", Voucher.objects.all()[0].pk))
    assert b"%PDF" in b"".join(voucher.streaming_content)  # type: ignore[attr-defined]
    text = page(money.keeper, "class", key)
    assert all(words in text for words in ("¥4,900.00", "冲销", "科目调剂", "人数增加"))


def test_a_waiting_transfer_is_withdrawn_on_its_page(money: Money) -> None:
    money.approved()
    client = as_actor(money.keeper)
    moved = {
        "source": money.category("teaching").pk,
        "target": money.category("meals").pk,
        "amount": "4000",
        "reason": "人数增加",
    }
    client.post(url("transfer_create", money.training_class.pk), moved)
    made = Transfer.objects.get()
    client.post(url("transfer_withdraw", made.pk))
    made.refresh_from_db()
    assert made.state == "withdrawn"


def test_the_final_account_goes_its_way_on_pages(money: Money) -> None:
    money.approved()
    TrainingClass.objects.update(starts_on=clock.today() - timedelta(9), ends_on=clock.today())
    money.spend("4900")
    client, key = as_actor(money.keeper), money.training_class.pk
    assert client.post(url("final_account_edit", key), {"begin": "1"}).status_code == 302
    made = FinalAccount.objects.get()
    assert "待上传" in page(money.keeper, "final_account", made.pk)
    client.post(url("final_account_submit", made.pk))
    assert FinalAccount.objects.get().state == "draft"
    for check in final_accounts.checklist_of(money.again):
        client.post(url("voucher_attach", key, check.requirement.pk), {"file": pdf()})
    client.post(url("voucher_attach", key, check.requirement.pk))
    meals = money.category("meals").pk
    assert "填写决算说明" in client.get(url("final_account_edit", key)).content.decode()
    client.post(url("final_account_edit", key), {f"c{meals}": "未发生"})
    client.post(url("final_account_submit", made.pk))
    assert FinalAccount.objects.get().state == "submitted"
    client.post(url("final_account_withdraw", made.pk))
    assert FinalAccount.objects.get().state == "draft"


def test_papers_and_workbooks_have_the_form_s_layout(money: Money) -> None:
    final = over(money)
    budget = budget_rows().get()
    context = budget_contexts([budget])[0]
    assert [(each["name"], each["span"]) for each in context["groups"]] == [("师资费", 1), ("伙食费", 1)]
    assert (context["total"], context["account"]) == ("6,000.00", HEAD["bank_account"])
    assert budget_facts(budget).number == "P1-1"
    (line, _meals) = final_contexts([final_rows().get()])[0]["lines"]
    assert (line["budgeted"], line["spent"], line["difference"]) == ("5,000.00", "4,000.00", "1,000.00")
    assert final_facts(final_rows().get()).title == "经费决算表"
    client = as_actor(money.keeper)
    cells = workbook(client, url("budget_xlsx", budget.pk))
    assert cells[2][:4] == ("科目", "细目", "经费（元）", "计算说明")
    assert cells[5][:3] == ("合计", None, 6000)
    cells = workbook(client, url("final_account_xlsx", final.pk))
    assert cells[2] == ("科目", "预算（元）", "决算（元）", "差额（元）", "说明")
    assert cells[5][:4] == ("合计", 6000, 4000, 2000)


def workbook(client: Client, address: str) -> list[tuple[Any, ...]]:
    content = b"".join(client.get(address).streaming_content)  # type: ignore[attr-defined]
    return list(load_workbook(BytesIO(content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["budget", "final_account"])
def test_both_forms_are_printed(money: Money, kind: str) -> None:
    final = over(money)
    key = Budget.objects.get().pk if kind == "budget" else final.pk
    response = as_actor(money.keeper).post(url(f"{kind}_print", key))
    assert response.status_code == 302
    assert "/papers/" in response["Location"] or "batch" in response["Location"]


def test_a_stranger_finds_nothing(money: Money) -> None:
    final = over(money)
    expense = Expense.objects.all()[0]
    stranger = as_actor(make_actor(Role.BASE_ADMIN, BaseFactory(parent=money.world.city)))
    key, budget = money.training_class.pk, Budget.objects.get().pk
    for name, args in [
        ("class", [key]),
        ("grant", [key]),
        ("budget_edit", [key]),
        ("expense_create", [key]),
        ("transfer_create", [key]),
        ("final_account_edit", [key]),
        ("budget", [budget]),
        ("budget_xlsx", [budget]),
        ("expense", [expense.pk]),
        ("expense_reverse", [expense.pk]),
        ("voucher", [expense.vouchers.get().pk]),
        ("final_account", [final.pk]),
        ("final_account_xlsx", [final.pk]),
    ]:
        assert stranger.get(url(name, *args)).status_code == 404
    for name, args in [
        ("budget_submit", [budget]),
        ("budget_withdraw", [budget]),
        ("budget_revise", [budget]),
        ("budget_print", [budget]),
        ("final_account_submit", [final.pk]),
        ("final_account_withdraw", [final.pk]),
        ("final_account_print", [final.pk]),
        ("voucher_attach", [key, 1]),
    ]:
        assert stranger.post(url(name, *args)).status_code == 404


@pytest.mark.parametrize("name", LISTS)
def test_others_than_those_concerned_see_empty_lists(money: Money, name: str) -> None:
    over(money)
    assert "演示班" not in page(make_actor(Role.BUREAU_CLERK, money.world.bureau()), name)


@pytest.mark.parametrize("name", LISTS)
def test_lists_cost_the_same_with_one_row_and_with_three(money: Money, name: str) -> None:
    over(money)
    wish = {"source": money.category("teaching"), "target": money.category("meals")}
    _copies(money, wish, 1)
    client = as_actor(money.world.manager)
    client.get(url(name))
    with CaptureQueriesContext(
        connection,
    ) as one:
        assert "¥" in client.get(url(name)).content.decode()
    _copies(money, wish, 2)
    with CaptureQueriesContext(connection) as three:
        client.get(url(name))
    assert len(three) == len(one) <= 24


def _copies(money: Money, wish: dict[str, Any], count: int) -> None:
    """`count` more of everything that is listed, in classes of their own."""
    for number in range(count):
        other = make_class(money.world, published=True, name=f"演示班{number}{count}")
        FundAccount.objects.create(training_class=other, received=10)
        Budget.objects.create(training_class=other, total=5)
        FinalAccount.objects.create(training_class=other, budgeted=2)
        shared = {"training_class": other, "at": clock.now(), "by_name": "演示"}
        Transfer.objects.create(**shared, **wish, amount=1, reason="理由")
        Expense.objects.create(
            **shared, category=wish["source"], amount=1, paid_on=clock.today(), description="费用"
        )


def test_the_overview_adds_up_by_base_and_by_project(money: Money) -> None:
    over(money)
    assert "40.0%" not in page(money.world.manager, "overview")
    text = as_actor(money.world.manager).get(url("overview"), {"by": "project"}).content.decode()
    assert all(words in text for words in ("P1 演示项目P1", "¥6,000.00", "¥4,000.00", "66.7%"))


def waiting(actor: Actor) -> list[str]:
    return [
        str(item.title)
        for provider in work_items
        if provider.__module__ == "finance.plugs"
        for item in provider(actor, clock.now())
    ]


def test_what_waits_for_the_base_and_for_the_office(money: Money) -> None:
    assert waiting(money.world.manager) == ["1个班级尚未核定经费"]
    assert waiting(money.keeper) == ["1个班级的经费预算待报送"]
    money.approved()
    assert waiting(money.world.manager) == waiting(money.keeper) == []
    TrainingClass.objects.update(starts_on=clock.today() - timedelta(9), ends_on=clock.today())
    money.spend("5000")
    assert waiting(money.keeper) == ["1个班级的经费决算待报送"]
    final_accounts.submit_final_account(money.keeper, money.complete())
    assert waiting(money.keeper) == []


def test_the_class_page_shows_its_money_to_those_concerned(money: Money) -> None:
    money.approved()
    address = reverse("programs:class", args=[money.training_class.pk])
    assert "查看班级经费" in as_actor(money.keeper).get(address).content.decode()
    clerk = make_actor(Role.BUREAU_CLERK, money.world.bureau())
    assert "查看班级经费" not in as_actor(clerk).get(address).content.decode()
