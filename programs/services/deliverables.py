"""What bases owe for each class, as the office sets it (CQ20-5.1); `deliver` says that it was handed in."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.rulebook.models import Rulebook
from portal.rulebook.services.amending import MANAGERS, UNEXPLAINED, Why, our_rulebook
from portal.rulebook.services.tables import PartTable, replace_rows
from programs.models import Anchor, DeliverableRequirement, TrainingClass
from programs.services.handing_in import deliver
from programs.services.owing import owe

__all__ = ["deliver", "deliverable_line", "edit_deliverables"]

FIELDS = ("name", "anchor", "offset_days", "minimum", "clause")


def deliverable_line(row: DeliverableRequirement) -> str:
    """The requirement in words: what, when, how many."""
    side = _("前") if row.offset_days < 0 else _("后")
    return _("%(name)s：%(anchor)s%(side)s%(days)d天，至少%(minimum)d份") % {
        "name": row.name,
        "anchor": _("开班") if row.anchor == Anchor.START else _("结束"),
        "side": side,
        "days": abs(row.offset_days),
        "minimum": row.minimum,
    }


TABLE = PartTable("deliverables", gettext_lazy("应交材料"), DeliverableRequirement, FIELDS, deliverable_line)


@operation("programs.edit_deliverables", gettext_lazy("修改应交材料"), roles=MANAGERS, scope=our_rulebook)
def edit_deliverables(
    act: Act, rulebook: Rulebook, *, version: int, rows: list[dict[str, Any]], why: Why = UNEXPLAINED
) -> Rulebook:
    """Make what bases owe for each class `rows`, keyed by `code` and FIELDS; days before the anchor are negative.

    Raises Invalid for an unknown anchor or no copies at all, and what `replace_rows` raises.
    """
    for row in rows:
        if row["anchor"] not in Anchor.values:
            raise Invalid(_("“%(name)s”的基准日只能是开班或结束。") % row)
        if row["minimum"] < 1:
            raise Invalid(_("“%(name)s”至少要交1份。") % row)
    done = replace_rows(act, rulebook, TABLE, version=version, rows=rows, why=why)
    owe(TrainingClass.objects.filter(project__program__rulebook=rulebook).select_related("project__program"))
    return done
