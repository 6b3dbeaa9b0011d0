"""What a notice file says of assessment: the grade scale. Source: CQ20-5.2."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from assessment.models import GradeLevel
from assessment.services.scale import grade_line
from portal.rulebook.models import Rulebook
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
