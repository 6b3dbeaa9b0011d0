"""How performance is reckoned, as the office sets it. Source: CQ20-6.4, domain facts §2.12 (weights differ: data)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Indicator
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.rulebook.models import Rulebook
from portal.rulebook.services.amending import MANAGERS, UNEXPLAINED, Why, our_rulebook
from portal.rulebook.services.tables import PartTable, replace_rows

FIELDS = ("name", "numerator", "denominator", "weight", "target", "clause")


def indicator_line(row: Indicator) -> str:
    """The indicator in words: what it divides, from which share on it gives all its points."""
    words = _("%(name)s：%(weight)s分，%(numerator)s÷%(denominator)s，达到%(target)s%%得满分")
    return words % {
        "name": row.name,
        "weight": plain(row.weight),
        "numerator": row.numerator,
        "denominator": row.denominator,
        "target": plain(row.target * 100),
    }


def plain(number: Decimal) -> str:
    """A number without idle zeros."""
    return f"{number.normalize():f}"


TABLE = PartTable("indicators", gettext_lazy("绩效指标"), Indicator, FIELDS, indicator_line)


@operation(
    "assessment.edit_indicators",
    gettext_lazy("修改绩效指标"),
    roles=MANAGERS,
    scope=our_rulebook,
    clauses=["CQ20-6.4"],
)
def edit_indicators(
    act: Act, rulebook: Rulebook, *, version: int, rows: list[dict[str, Any]], why: Why = UNEXPLAINED
) -> Rulebook:
    """Make the scheme `rows`, keyed by `code` and FIELDS; weights are points, targets shares.

    Raises Invalid for a weight or target that is not above 0, and what `replace_rows` raises.
    """
    for row in rows:
        if row["weight"] <= 0 or row["target"] <= 0:
            raise Invalid(_("“%(name)s”的权重和满分值都应大于0。") % row)
    return replace_rows(act, rulebook, TABLE, version=version, rows=rows, why=why)
