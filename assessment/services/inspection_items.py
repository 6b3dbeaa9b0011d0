"""What inspections score, as the office sets it. Source: CQ20-6.4."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import InspectionItem
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.rulebook.models import Rulebook
from portal.rulebook.services.amending import MANAGERS, UNEXPLAINED, Why, our_rulebook
from portal.rulebook.services.tables import PartTable, replace_rows

FIELDS = ("name", "asks", "points", "clause")
WHOLE = 100


def item_line(row: InspectionItem) -> str:
    """The item in words: its points, and what is looked at."""
    words = _("%(name)s：%(points)d分") % {"name": row.name, "points": row.points}
    return f"{words}｜{row.asks}" if row.asks else words


TABLE = PartTable("inspection_items", gettext_lazy("视导评分项"), InspectionItem, FIELDS, item_line)


@operation(
    "assessment.edit_inspection_items",
    gettext_lazy("修改视导评分项"),
    roles=MANAGERS,
    scope=our_rulebook,
    clauses=["CQ20-6.4"],
)
def edit_items(
    act: Act, rulebook: Rulebook, *, version: int, rows: list[dict[str, Any]], why: Why = UNEXPLAINED
) -> Rulebook:
    """Make what inspections score `rows`, keyed by `code` and FIELDS.

    Raises Invalid unless the points add up to 100, and what `replace_rows` raises: an item by which somebody has marked
    stays.
    """
    check_items(rows)
    return replace_rows(act, rulebook, TABLE, version=version, rows=rows, why=why)


def check_items(rows: Sequence[dict[str, Any]]) -> None:
    """Raise Invalid unless each item gives points and all of them together 100."""
    if any(row["points"] < 1 for row in rows):
        raise Invalid(_("每个评分项至少1分。"), field="points")
    total = sum(row["points"] for row in rows)
    if total != WHOLE:
        raise Invalid(
            _("各评分项的分值合计应为100分，现为%(total)d分，请调整。") % {"total": total}, field="points"
        )
