"""What a notice file says of money: what may be charged to the programme and what not. CQ20-4.1, 4.2, 5.5."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from finance.models import ExpenseCategory, VoucherRequirement
from finance.services.categories import FIELDS as CATEGORY_FIELDS
from finance.services.categories import category_line
from finance.services.checklist import FIELDS as VOUCHER_FIELDS
from finance.services.checklist import voucher_line
from portal.rulebook.models import Rulebook
from portal.rulebook.sections import section
from portal.rulebook.services.syncing import sync

Rows = list[dict[str, Any]]


def load_expense_categories(rulebook: Rulebook, rows: Rows) -> None:
    """Make the expense categories the file's."""
    clauses = dict(rulebook.notice.clauses.values_list("code", "pk"))
    wanted = [
        ExpenseCategory(
            rulebook=rulebook,
            code=row["code"],
            name=row["name"],
            allowed=row["allowed"],
            items=row.get("items", []),
            clause_id=clauses.get(row.get("clause", "")),
            position=position,
        )
        for position, row in enumerate(rows, 1)
    ]
    sync(rulebook.expense_categories.all(), lambda row: row.code, wanted, [*CATEGORY_FIELDS, "position"])


def preview_expense_categories(rows: Rows) -> list[str]:
    return [_line(row) for row in rows]


def _line(row: dict[str, Any]) -> str:
    return category_line(
        ExpenseCategory(name=row["name"], allowed=row["allowed"], items=row.get("items", []))
    )


def load_vouchers(rulebook: Rulebook, rows: Rows) -> None:
    """Make the checklist of final accounts the file's. Domain facts §3.4."""
    clauses = dict(rulebook.notice.clauses.values_list("code", "pk"))
    wanted = [
        VoucherRequirement(
            rulebook=rulebook,
            code=row["code"],
            name=row["name"],
            category_code=row.get("category", ""),
            clause_id=clauses.get(row.get("clause", "")),
            position=position,
        )
        for position, row in enumerate(rows, 1)
    ]
    sync(rulebook.voucher_requirements.all(), lambda row: row.code, wanted, [*VOUCHER_FIELDS, "position"])


def preview_vouchers(rows: Rows) -> list[str]:
    made = (VoucherRequirement(name=row["name"], category_code=row.get("category", "")) for row in rows)
    return [voucher_line(each) for each in made]


section(
    "expense_categories",
    gettext_lazy("费用科目"),
    load=load_expense_categories,
    preview=preview_expense_categories,
    order=50,
    editor="finance:expense_categories",
)
section(
    "vouchers",
    gettext_lazy("决算凭证"),
    load=load_vouchers,
    preview=preview_vouchers,
    order=55,
    editor="finance:voucher_list",
)
