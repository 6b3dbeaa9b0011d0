"""What may be charged to the programme, as the office sets it. Source: CQ20-4.1, CQ20-4.2, CQ20-5.5."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.models import ExpenseCategory
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.rulebook.models import Rulebook
from portal.rulebook.services.amending import MANAGERS, UNEXPLAINED, Why, our_rulebook
from portal.rulebook.services.tables import PartTable, replace_rows

FIELDS = ("name", "allowed", "items", "clause")


def category_line(row: ExpenseCategory) -> str:
    """The category in words, with whether it may be charged and its customary lines."""
    words = row.name if row.allowed else _("%(name)s（不得列支）") % {"name": row.name}
    return f"{words}：{'；'.join(row.items)}" if row.items else words


TABLE = PartTable("expense_categories", gettext_lazy("费用科目"), ExpenseCategory, FIELDS, category_line)


@operation(
    "finance.edit_expense_categories", gettext_lazy("修改费用科目"), roles=MANAGERS, scope=our_rulebook
)
def edit_expense_categories(
    act: Act, rulebook: Rulebook, *, version: int, rows: list[dict[str, Any]], why: Why = UNEXPLAINED
) -> Rulebook:
    """Make the expense categories `rows`, keyed by `code` and FIELDS; `items` are the customary lines of a budget.

    Raises Invalid when nothing at all could be charged or a line stands twice, and what `replace_rows` raises.
    """
    for row in rows:
        if len(set(row["items"])) < len(row["items"]):
            raise Invalid(_("“%(name)s”的常用细目有重复，请删去重复的一行。") % row)
    if rows and not any(row["allowed"] for row in rows):
        raise Invalid(_("至少要有一个可列支的科目，否则任何费用都无法报销。"))
    return replace_rows(act, rulebook, TABLE, version=version, rows=rows, why=why)
