"""What a notice file says of programmes: the programme itself, its categories, what bases owe for each class."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import Invalid
from portal.operations.act import Act
from portal.rulebook.hooks import rulebook_loaded
from portal.rulebook.models import Rulebook
from portal.rulebook.sections import section
from portal.rulebook.services.syncing import sync
from programs.models import Category, DeliverableRequirement, Level, Program
from programs.services.deliverables import deliverable_line

CATEGORY_FIELDS = ["name", "clause", "position"]
DELIVERABLE_FIELDS = ["name", "anchor", "offset_days", "minimum", "clause", "position"]
Rows = list[dict[str, Any]]


@rulebook_loaded
def load_program(act: Act, rulebook: Rulebook, program: dict[str, Any]) -> None:
    """Make or renew the rulebook's programme from the file's [program] table."""
    level = program.get("level", Level.NATIONAL)
    if level not in Level.values:
        raise Invalid(_("[program] 的 level “%(level)s”不是已知的级别。") % {"level": level}, field="level")
    if rulebook.office is None:
        raise Invalid(_("载入通知须指明项目办。"), field="office")
    Program.objects.update_or_create(
        rulebook=rulebook,
        defaults={
            "office": rulebook.office,
            "name": rulebook.title,
            "year": program["year"],
            "level": level,
        },
    )


def load_categories(rulebook: Rulebook, rows: Rows) -> None:
    """Make the programme's categories those of the file."""
    clauses = clause_ids(rulebook)
    wanted = [
        Category(
            program=rulebook.program,
            code=row["code"],
            name=row["name"],
            clause_id=clauses.get(row.get("clause", "")),
            position=position,
        )
        for position, row in enumerate(rows, 1)
    ]
    sync(rulebook.program.categories.all(), lambda row: row.code, wanted, CATEGORY_FIELDS)


def load_deliverables(rulebook: Rulebook, rows: Rows) -> None:
    """Make what bases owe for each class what the file says."""
    clauses = clause_ids(rulebook)
    wanted = [
        DeliverableRequirement(
            rulebook=rulebook,
            code=row["code"],
            name=row["name"],
            anchor=row["anchor"],
            offset_days=row["offset_days"],
            minimum=row.get("minimum", 1),
            clause_id=clauses.get(row.get("clause", "")),
            position=position,
        )
        for position, row in enumerate(rows, 1)
    ]
    sync(rulebook.deliverables.all(), lambda row: row.code, wanted, DELIVERABLE_FIELDS)


def clause_ids(rulebook: Rulebook) -> dict[str, int]:
    """The keys of the notice's clauses by their ids."""
    return dict(rulebook.notice.clauses.values_list("code", "pk"))


def preview_categories(rows: Rows) -> list[str]:
    return [f"{row['code']} {row['name']}" for row in rows]


def preview_deliverables(rows: Rows) -> list[str]:
    return [_deliverable_line(row) for row in rows]


def _deliverable_line(row: dict[str, Any]) -> str:
    wanted = {name: row[name] for name in ("name", "anchor", "offset_days")}
    return deliverable_line(DeliverableRequirement(**wanted, minimum=row.get("minimum", 1)))


section(
    "categories",
    gettext_lazy("项目类别"),
    load=load_categories,
    preview=preview_categories,
    order=20,
    editor="programs:categories",
)
section(
    "deliverables",
    gettext_lazy("应交材料"),
    load=load_deliverables,
    preview=preview_deliverables,
    order=30,
    editor="programs:deliverables",
)
