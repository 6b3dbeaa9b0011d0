"""What a notice file says of assessment: the grade scale, the performance scheme. Source: CQ20-5.2, CQ20-6.4."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy

from assessment.models import GradeLevel, Indicator
from assessment.services.indicators import FIELDS as INDICATOR_FIELDS
from assessment.services.indicators import indicator_line
from assessment.services.scale import grade_line
from portal.rulebook.models import Rulebook
from portal.rulebook.sections import section
from portal.rulebook.services.syncing import sync

FIELDS = ["name", "passing", "cap", "clause", "position"]
Rows = list[dict[str, Any]]


def load_grades(rulebook: Rulebook, rows: Rows) -> None:
    """Make the grade scale the file's."""
    clauses = dict(rulebook.notice.clauses.values_list("code", "pk"))
    wanted = [
        GradeLevel(
            rulebook=rulebook,
            code=row["code"],
            name=row["name"],
            passing=row["passing"],
            cap=Decimal(row["cap"]) if "cap" in row else None,
            clause_id=clauses.get(row.get("clause", "")),
            position=position,
        )
        for position, row in enumerate(rows, 1)
    ]
    sync(rulebook.grade_levels.all(), lambda row: row.code, wanted, FIELDS)


def preview_grades(rows: Rows) -> list[str]:
    return [_line(row) for row in rows]


def _line(row: dict[str, Any]) -> str:
    cap = Decimal(row["cap"]) if "cap" in row else None
    return grade_line(GradeLevel(name=row["name"], passing=row["passing"], cap=cap))


def load_indicators(rulebook: Rulebook, rows: Rows) -> None:
    """Make the performance scheme the file's."""
    clauses = dict(rulebook.notice.clauses.values_list("code", "pk"))
    wanted = [
        _indicator(row, rulebook=rulebook, clause_id=clauses.get(row.get("clause", "")), position=position)
        for position, row in enumerate(rows, 1)
    ]
    sync(rulebook.indicators.all(), lambda row: row.code, wanted, [*INDICATOR_FIELDS, "position"])


def preview_indicators(rows: Rows) -> list[str]:
    return [indicator_line(_indicator(row)) for row in rows]


def _indicator(row: dict[str, Any], **more: Any) -> Indicator:
    """The file's shares stand as text: "1" or "0.2"."""
    return Indicator(
        code=row["code"],
        name=row["name"],
        numerator=row["numerator"],
        denominator=row["denominator"],
        weight=Decimal(str(row["weight"])),
        target=Decimal(row.get("target", "1")),
        **more,
    )


section(
    "grades",
    gettext_lazy("考核等级"),
    load=load_grades,
    preview=preview_grades,
    order=40,
    editor="assessment:grades",
)
section(
    "indicators",
    gettext_lazy("绩效指标"),
    load=load_indicators,
    preview=preview_indicators,
    order=45,
    editor="assessment:indicators",
)
