"""Expense categories: read from the notice, changed on screen, amended after publication."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from finance.models import ExpenseCategory
from finance.notice import load_expense_categories, preview_expense_categories
from finance.services.categories import FIELDS, TABLE, edit_expense_categories
from portal import clock
from portal.errors import Invalid, NotAllowed
from portal.operations.actor import Actor
from portal.rulebook.models import Amendment, Rulebook
from portal.rulebook.services.amending import Why
from tests.rulebook_rows import load_cq20, make_manager, rows_form, signed_in

pytestmark = pytest.mark.django_db

POSTAGE = {"code": "postage", "name": "邮寄费", "allowed": True, "items": [], "clause": None}


@pytest.fixture
def manager() -> Actor:
    return make_manager()


@pytest.fixture
def rulebook(manager: Actor) -> Rulebook:
    return load_cq20(manager)


def rows(rulebook: Rulebook) -> list[dict[str, Any]]:
    return [row | {"clause": None} for row in TABLE.stored(rulebook).values("code", *FIELDS)]


def url(rulebook: Rulebook) -> str:
    return reverse("finance:expense_categories", args=[rulebook.pk])


def test_the_notice_gives_seven_to_charge_and_two_never_to_charge(rulebook: Rulebook) -> None:
    found = list(rulebook.expense_categories.select_related("clause"))
    assert [each.allowed for each in found] == [True] * 7 + [False] * 2
    refused = {each.clause.code: each.name for each in found if each.clause and not each.allowed}
    assert refused == {"CQ20-4.2": "学员城市间交通费", "CQ20-5.5": "与培训无关的参观考察"}


def test_loading_again_keeps_the_rows(rulebook: Rulebook) -> None:
    before = list(ExpenseCategory.objects.values())
    given = [
        {
            "code": each.code,
            "name": each.name,
            "allowed": each.allowed,
            "items": each.items,
            "clause": each.clause.code,
        }
        for each in rulebook.expense_categories.select_related("clause")
        if each.clause
    ]
    load_expense_categories(rulebook, given)
    assert list(ExpenseCategory.objects.values()) == before
    load_expense_categories(rulebook, given[:1])
    assert [each.code for each in ExpenseCategory.objects.all()] == [given[0]["code"]]


def test_the_preview_marks_what_may_not_be_charged() -> None:
    lines = preview_expense_categories([POSTAGE, POSTAGE | {"name": "旅游费", "allowed": False}])
    assert lines == ["邮寄费", "旅游费（不得列支）"]


def test_a_draft_gets_a_category_more(manager: Actor, rulebook: Rulebook) -> None:
    edit_expense_categories(manager, rulebook, version=rulebook.version, rows=[*rows(rulebook), POSTAGE])
    assert ExpenseCategory.objects.get(code="postage").position == 10
    assert not Amendment.objects.exists()


def test_nothing_chargeable_at_all_is_refused(manager: Actor, rulebook: Rulebook) -> None:
    with pytest.raises(Invalid, match="可列支"):
        edit_expense_categories(
            manager, rulebook, version=rulebook.version, rows=[POSTAGE | {"allowed": False}]
        )
    assert ExpenseCategory.objects.count() == 9


def test_a_customary_line_twice_is_refused(manager: Actor, rulebook: Rulebook) -> None:
    wanted = [*rows(rulebook), POSTAGE | {"items": ["快递费", "快递费"]}]
    with pytest.raises(Invalid, match="邮寄费"):
        edit_expense_categories(manager, rulebook, version=rulebook.version, rows=wanted)


def test_a_changed_customary_line_is_a_change(manager: Actor, rulebook: Rulebook) -> None:
    wanted = rows(rulebook)
    wanted[0]["items"] = ["讲课费"]
    edit_expense_categories(manager, rulebook, version=rulebook.version, rows=wanted)
    assert ExpenseCategory.objects.get(code="teaching").items == ["讲课费"]


def test_a_clause_of_another_notice_is_refused(manager: Actor, rulebook: Rulebook) -> None:
    clause = rulebook.notice.clauses.all()[0]
    clause.notice_id = 0
    with pytest.raises(Invalid, match="不是本通知的条款"):
        edit_expense_categories(
            manager, rulebook, version=rulebook.version, rows=[POSTAGE | {"clause": clause}]
        )


def test_after_publication_the_change_is_dated_and_reasoned(manager: Actor, rulebook: Rulebook) -> None:
    Rulebook.objects.update(published_at=clock.now())
    rulebook = Rulebook.objects.get()
    wanted = rows(rulebook)
    wanted[6]["allowed"] = False
    why = Why("财政部门要求", clock.now())
    edit_expense_categories(manager, rulebook, version=rulebook.version, rows=wanted, why=why)
    made = Amendment.objects.get()
    assert made.target == "expense_categories"
    assert made.after["transport"] == "交通费（不得列支）：市内教学、调研用车费"
    assert made.effective_at == why.effective_at


def test_another_office_may_not(rulebook: Rulebook) -> None:
    with pytest.raises(NotAllowed):
        edit_expense_categories(make_manager(), rulebook, version=rulebook.version, rows=[POSTAGE])


def test_the_rulebook_leads_to_the_page_and_the_page_saves(manager: Actor, rulebook: Rulebook) -> None:
    client = signed_in(manager)
    assert url(rulebook) in client.get(reverse("rulebook:detail", args=[rulebook.pk])).content.decode()
    assert "师资费" in client.get(url(rulebook)).content.decode()
    given = [*rows(rulebook), POSTAGE | {"items": ["快递费", "挂号费"]}]
    given = [row | {"items": "\n".join(row["items"])} for row in given]
    form = rows_form(rulebook, given, stored=9)
    assert client.post(url(rulebook), form).status_code == 302
    assert ExpenseCategory.objects.get(code="postage").allowed is True
    assert ExpenseCategory.objects.get(code="postage").items == ["快递费", "挂号费"]
    assert ExpenseCategory.objects.get(code="lodging").items == ["学员住宿费", "工作人员住宿费"]
    assert ExpenseCategory.objects.filter(allowed=False).count() == 2
