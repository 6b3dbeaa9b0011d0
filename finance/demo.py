"""The demo's money in the year: funds, budgets before the classes open, expenses, some final accounts; all by services."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from PIL import Image

from enrollment.demo.nominations import person
from finance.models import BudgetState, ExpenseCategory, FundAccount
from finance.services.budgets import save_budget, submit_budget
from finance.services.expenses import record_expense
from finance.services.final_accounts import (
    attach_voucher,
    checklist_of,
    explain_final_account,
    submit_final_account,
)
from finance.services.funds import grant_funds
from finance.services.transfers import transfer
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.reviews.models import Review, Verdict
from portal.reviews.services.deciding import decide_many
from portal.runtime.demo import YEAR_ENDS, Demo, demo_stage
from programs.demo.year import keeper_of
from programs.models import ANNOUNCED, TrainingClass

BUDGETS_ON = date(2020, 10, 28)
# Funds are granted in whole thousands of yuan; of a budget this share is spent.
ROUND, SPENT = Decimal(1000), Decimal("0.96")
# So many classes have a final account at the end, the last ones of them still under review.
CLOSED, UNDER_REVIEW = 10, 3
# By category: item, yuan, what is counted, how often. "n" are the trainees, "d" the days.
LINES: dict[str, tuple[str, int, str, str]] = {
    "teaching": ("讲课费", 500, "4学时", "d天"),
    "lodging": ("学员住宿费", 160, "n人", "d天"),
    "meals": ("学员伙食费", 100, "n人", "d天"),
    "venue": ("场地租用费", 800, "1间", "d天"),
    "materials": ("学习资料费", 120, "n人", "1次"),
}


@demo_stage(95, "演示经费预算", year=True)
def load_budgets(demo: Demo) -> None:
    """Before the classes open: funds granted, budgets submitted and approved."""
    classes = list(_classes().filter(budget=None))
    if not demo.reached(BUDGETS_ON) or not classes:
        return
    demo.at(BUDGETS_ON)
    office = person(Role.PROGRAM_MANAGER)
    for each in classes:
        keeper = keeper_of(each.base)
        budget = save_budget(keeper, each, version=0, head=_head(each), lines=list(_lines(each)))
        granted = (budget.total / ROUND + 1).quantize(Decimal(1), ROUND_UP) * ROUND
        grant_funds(office, each, amount=granted, reason="演示经费下达文件")
        submit_budget(keeper, budget)
    _approve("finance.budget")


@demo_stage(400, "演示支出", year=True)
def load_expenses(demo: Demo) -> None:
    """Each class that is over spends nearly all of its budget, one payment a category."""
    rows = _classes().filter(budget__state=BudgetState.APPROVED, expenses=None)
    for index, each in enumerate(rows.order_by("ends_on", "pk")):
        if not demo.reached(each.ends_on):
            break
        demo.at(min(each.ends_on, YEAR_ENDS), 15)
        keeper = keeper_of(each.base)
        if index % 8 == 0:
            _transfer(keeper, each)
        for account in _accounts(each):
            record_expense(keeper, each, values=_expense(account, each), files=[_picture()])


@demo_stage(410, "演示决算", year=True)
def load_final_accounts(demo: Demo) -> None:
    """The first classes that are over hand in their final accounts, and most of these are settled."""
    rows = _classes().filter(final_account=None, expenses__isnull=False).distinct()
    chosen = [each for each in rows.order_by("ends_on", "pk")[:CLOSED] if demo.reached(each.ends_on)]
    for index, each in enumerate(chosen):
        demo.at(min(each.ends_on + timedelta(days=10), YEAR_ENDS), 16)
        keeper = keeper_of(each.base)
        for check in checklist_of(each):
            attach_voucher(keeper, each, requirement=check.requirement, file=_picture())
        words = {account.category_id or 0: "据实结算，略有结余" for account in _accounts(each)}
        submit_final_account(keeper, explain_final_account(keeper, each, explanations=words))
        if index < CLOSED - UNDER_REVIEW:
            _approve("finance.final_account")


def _classes() -> QuerySet[TrainingClass]:
    rows = TrainingClass.objects.filter(state__in=ANNOUNCED, project__program__demo=True)
    return rows.select_related("project__program__rulebook", "project__program__office__parent", "base")


def _accounts(training_class: TrainingClass) -> QuerySet[FundAccount]:
    rows = FundAccount.objects.filter(training_class=training_class, received__gt=0).of_categories()
    return rows.select_related("category__clause__notice").order_by("category__position")


def _head(training_class: TrainingClass) -> dict[str, Any]:
    return {
        "headcount": training_class.capacity,
        "payee": training_class.base.name,
        "bank": "演示银行营业部",
        "bank_code": "000000000000",
        "bank_account": f"6200{training_class.base_id:012d}",
        "contact_name": training_class.contact_name,
        "contact_phone": training_class.contact_phone,
    }


def _lines(training_class: TrainingClass) -> Iterator[dict[str, Any]]:
    rows = training_class.rulebook.expense_categories.filter(allowed=True)
    categories: dict[str, ExpenseCategory] = {
        each.code: each for each in rows.select_related("clause__notice")
    }
    numbers = {"n": training_class.capacity, "d": training_class.days}
    for code, (item, price, count, times) in LINES.items():
        if code in categories:
            yield {
                "category": categories[code],
                "item": item,
                "price": Decimal(price),
                "price_unit": f"{count[1:]}·{times[1:]}",
                "count": numbers.get(count[0]) or int(count[0]),
                "count_unit": count[1:],
                "times": numbers.get(times[0]) or int(times[0]),
                "times_unit": times[1:],
                "note": "",
            }


def _expense(account: FundAccount, training_class: TrainingClass) -> dict[str, Any]:
    code = account.category.code if account.category else ""
    item = LINES[code][0] if code in LINES else str(account.category)
    return {
        "category": account.category,
        "amount": (account.balance * SPENT).quantize(Decimal("0.01")),
        "paid_on": min(training_class.ends_on, YEAR_ENDS),
        "payee": "演示收款单位",
        "description": item,
    }


def _transfer(keeper: Actor, training_class: TrainingClass) -> None:
    """A small sum from one category to another, as happens."""
    first, second, *_rest = [each.category for each in _accounts(training_class)]
    if first and second:
        transfer(
            keeper, training_class, source=first, target=second, amount=Decimal(200), reason="住宿人数增加"
        )


def _approve(kind: str) -> None:
    """The office approves what waits of the kind."""
    reviewer = person(Role.OFFICE_REVIEWER)
    waiting = Review.objects.waiting_for(reviewer).filter(chain__subject_kind=kind)
    decide_many(reviewer, waiting, verdict=Verdict.APPROVE)


def _picture() -> SimpleUploadedFile:
    """A white picture in place of the receipt that a real office would have photographed."""
    file = BytesIO()
    Image.new("L", (60, 80), 255).save(file, "PNG")
    return SimpleUploadedFile("演示凭证.png", file.getvalue(), "image/png")
