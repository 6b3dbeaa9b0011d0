"""The grade scale, as the office sets it. Source: CQ20-5.2."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import GradeLevel
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.rulebook.models import Rulebook
from portal.rulebook.services.amending import MANAGERS, UNEXPLAINED, Why, our_rulebook
from portal.rulebook.services.tables import PartTable, replace_rows

FIELDS = ("name", "passing", "cap", "clause")


def grade_line(row: GradeLevel) -> str:
    """The grade in words: its name, whether it passes, its share of a class."""
    name = row.name if row.passing else _("%(name)s（未通过）") % {"name": row.name}
    if row.cap is None:
        return name
    return _("%(name)s（不超过%(cap)s%%）") % {"name": name, "cap": f"{row.cap * 100:.1f}".removesuffix(".0")}


TABLE = PartTable("grades", gettext_lazy("考核等级"), GradeLevel, FIELDS, grade_line)


@operation("assessment.edit_grades", gettext_lazy("修改考核等级"), roles=MANAGERS, scope=our_rulebook)
def edit_grades(
    act: Act, rulebook: Rulebook, *, version: int, rows: list[dict[str, Any]], why: Why = UNEXPLAINED
) -> Rulebook:
    """Make the grade scale `rows`, keyed by `code` and FIELDS; `cap` is a share of a class (0 to 1) or None.

    Raises Invalid when no grade passes, a cap is no share, or everyone's grade would be capped; and what
    `replace_rows` raises.
    """
    _check(rows)
    return replace_rows(act, rulebook, TABLE, version=version, rows=rows, why=why)


def _check(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        if row["cap"] is not None and not 0 < row["cap"] <= 1:
            raise Invalid(_("“%(name)s”的比例上限应大于0、不超过100%%。") % {"name": row["name"]})
    passing = [row for row in rows if row["passing"]]
    if rows and not passing:
        raise Invalid(_("至少要有一个合格的等级，否则无人可以结业。"))
    if passing and all(row["cap"] is not None for row in passing) and sum(row["cap"] for row in passing) < 1:
        raise Invalid(_("合格的等级都有比例上限且合计不足100%，必有人评不上合格。请至少放开一个等级。"))
