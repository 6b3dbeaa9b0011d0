"""The categories that projects belong to, as the office sets them. Source: CQ20-1.1."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from portal.operations.act import Act
from portal.operations.registry import operation
from portal.rulebook.models import Rulebook
from portal.rulebook.services.amending import MANAGERS, UNEXPLAINED, Why, our_rulebook
from portal.rulebook.services.tables import PartTable, replace_rows
from programs.models import Category

FIELDS = ("name", "clause")


def category_line(row: Category) -> str:
    return row.name


TABLE = PartTable(
    "categories",
    gettext_lazy("项目类别"),
    Category,
    FIELDS,
    category_line,
    owner=lambda rulebook: {"program": rulebook.program},
)


@operation(
    "programs.edit_categories",
    gettext_lazy("修改项目类别"),
    roles=MANAGERS,
    scope=our_rulebook,
    clauses=["CQ20-1.1"],
)
def edit_categories(
    act: Act, rulebook: Rulebook, *, version: int, rows: list[dict[str, Any]], why: Why = UNEXPLAINED
) -> Rulebook:
    """Make the programme's categories `rows`, keyed by `code` and FIELDS.

    Raises what `replace_rows` raises: a category that has projects stays.
    """
    return replace_rows(act, rulebook, TABLE, version=version, rows=rows, why=why)
