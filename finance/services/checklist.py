"""What a final account comes with, as the office sets it. Source: CQ20-5.5, domain facts §3.4."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.models import VoucherRequirement
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.rulebook.models import Rulebook
from portal.rulebook.services.amending import MANAGERS, UNEXPLAINED, Why, our_rulebook
from portal.rulebook.services.tables import PartTable, replace_rows

FIELDS = ("name", "category_code", "clause")


def voucher_line(row: VoucherRequirement) -> str:
    """The document in words, with the category that asks for it."""
    if not row.category_code:
        return row.name
    return _("%(name)s（有%(category)s支出时）") % {"name": row.name, "category": row.category_code}


TABLE = PartTable("vouchers", gettext_lazy("决算凭证"), VoucherRequirement, FIELDS, voucher_line)


@operation(
    "finance.edit_vouchers",
    gettext_lazy("修改决算凭证"),
    roles=MANAGERS,
    scope=our_rulebook,
    clauses=["CQ20-5.5"],
)
def edit_vouchers(
    act: Act, rulebook: Rulebook, *, version: int, rows: list[dict[str, Any]], why: Why = UNEXPLAINED
) -> Rulebook:
    """Make the checklist of final accounts `rows`, keyed by `code` and FIELDS.

    Raises Invalid for a category that the rulebook does not have, and what `replace_rows` raises: a document that is
    attached somewhere stays.
    """
    known = {"", *rulebook.expense_categories.values_list("code", flat=True)}
    for row in rows:
        if row["category_code"] not in known:
            raise Invalid(
                _("“%(name)s”所属的费用科目“%(category_code)s”不存在，请改选科目或先增加科目。") % row
            )
    return replace_rows(act, rulebook, TABLE, version=version, rows=rows, why=why)
