"""Classes by deliverables: who has handed in what, on a page and as a workbook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from django.db.models import QuerySet
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.sheets.export import export
from portal.sheets.kinds import Text
from portal.sheets.layout import Column, Sheet
from portal.ui.formats import escaped
from portal.ui.register import leads_to
from portal.ui.templatetags.portal_ui import badge
from programs.models import Deliverable, DeliverableRequirement, TrainingClass
from programs.tables.training import status_of

PAGE = 50
_address = leads_to("programs:owed")


@dataclass(frozen=True)
class Cell:
    """One class's deliverable, or an empty field where the class owes no such thing."""

    owed: Deliverable | None
    code: str = ""
    word: str = ""

    @property
    def copies(self) -> str:
        if self.owed is None or self.owed.requirement.minimum == 1:
            return ""
        return f"{self.owed.handed_in}/{self.owed.requirement.minimum}"


@dataclass(frozen=True)
class Matrix:
    """`columns` are requirements, `rows` pairs of a class and its cells in the columns' order."""

    columns: list[DeliverableRequirement]
    rows: list[tuple[TrainingClass, list[Cell]]]

    @property
    def drawn(self) -> Iterator[tuple[TrainingClass, SafeString]]:
        """The rows with their cells as HTML: hundreds of cells are too many for the template language to loop over."""
        names = [escaped(each.name) for each in self.columns]
        for row, cells in self.rows:
            drawn = (_drawn(cell, name) for cell, name in zip(cells, names, strict=True))
            yield row, mark_safe("".join(drawn))  # noqa: S308 - every part is escaped


def matrix(classes: Iterable[TrainingClass], owed: QuerySet[Deliverable]) -> Matrix:
    """The matrix of `classes`. Two queries, whatever their number."""
    found = list(classes)
    held: dict[int, dict[int, Deliverable]] = defaultdict(dict)
    columns: dict[int, DeliverableRequirement] = {}
    for each in owed.filter(training_class__in=found).select_related("requirement"):
        held[each.training_class_id][each.requirement_id] = each
        columns[each.requirement_id] = each.requirement
    ordered = sorted(columns.values(), key=lambda each: (each.rulebook_id, each.position))
    rows = [(each, [_cell(held[each.pk].get(column.pk)) for column in ordered]) for each in found]
    return Matrix(ordered, rows)


def workbook(found: Matrix) -> tuple[IO[bytes], str]:
    """The matrix as a workbook, and its file name."""
    layout = Sheet(
        "programs.owed_matrix",
        _("应交材料进度"),
        [
            Column("class", _("班级"), Text(), width=36),
            Column("base", _("承担单位"), Text(), width=24),
            *(Column(f"r{each.pk}", each.name, Text(), width=22) for each in found.columns),
        ],
    )
    lines = ([row.name, row.base.label, *(_words(cell) for cell in cells)] for row, cells in found.rows)
    title = str(_("应交材料进度"))
    return export(layout, lines, title=title), f"{title}.xlsx"


def _drawn(cell: Cell, name: str) -> str:
    """One `<td>`; `name`, escaped, says which deliverable it is where the rows are cards."""
    if cell.owed is None:
        return '<td role="cell" class="cell-none">—</td>'
    copies = f" {escaped(cell.copies)}" if cell.copies else ""
    link = f'<a href="{_address(cell.owed)}">{badge(cell.code, cell.word)}</a>'
    return f'<td role="cell" data-label="{name}"><span>{link}{copies}</span></td>'


def _cell(owed: Deliverable | None) -> Cell:
    return Cell(owed, *status_of(owed)) if owed else Cell(None)


def _words(cell: Cell) -> str:
    if cell.owed is None:
        return ""
    when = cell.owed.completed_at
    done = f" {when:%Y-%m-%d}" if when else _(" 截止%(due)s") % {"due": cell.owed.due_on}
    return f"{cell.word}{' ' + cell.copies if cell.copies else ''}{done}"
