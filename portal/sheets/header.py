"""Finding the table in what people send: which sheet, which row is the header, which column is which."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.errors import FileRefused
from portal.sheets.cells import Cell, shown
from portal.sheets.findings import column_letter
from portal.sheets.intake import RawSheet
from portal.sheets.layout import Column, Sheet
from portal.sheets.refusals import refused
from portal.text import fold

# The header is looked for in so many rows from the top.
HEADER_WITHIN = 20
_MARKS = re.compile(r"[*＊:：]")
_BRACKETED = re.compile(r"\(.*?\)|\[.*?\]|【.*?】")


@dataclass(frozen=True)
class Table:
    """Where a layout was found: the header's row number, and each known column with its index."""

    raw: RawSheet
    header_number: int
    columns: Sequence[tuple[Column, int]]
    unknown: Sequence[str]

    def letter(self, key: str) -> str:
        """The letter of the column `key`, or "" when the file has none."""
        return next((column_letter(index) for column, index in self.columns if column.key == key), "")


def locate(sheets: Sequence[RawSheet], sheet: Sheet) -> Table:
    """Return the first table that has every required column. Raises FileRefused naming what is missing."""
    found = [table for raw in sheets if (table := _best_row(raw, sheet)) is not None]
    for table in found:
        if not _missing(table, sheet):
            return table
    raise _why_not(found, sheet)


def _why_not(found: list[Table], sheet: Sheet) -> FileRefused:
    if found:
        nearest = max(found, key=lambda table: len(table.columns))
        names = _titles(_missing(nearest, sheet))
        return refused("missing_columns", sheet=nearest.raw.name, row=nearest.header_number, columns=names)
    wanted = _titles(sheet.required or list(sheet.columns))
    return refused("no_header", title=sheet.title, limit=HEADER_WITHIN, columns=wanted)


def _titles(columns: Sequence[Column]) -> str:
    return "、".join(f"“{column.title}”" for column in columns)


def _missing(table: Table, sheet: Sheet) -> list[Column]:
    present = {column.key for column, _index in table.columns}
    return [column for column in sheet.required if column.key not in present]


def _best_row(raw: RawSheet, sheet: Sheet) -> Table | None:
    """The row among the first ones that names most columns; None when none names two."""
    rows = [(number, cells) for number, cells in raw.rows[:HEADER_WITHIN] if number <= 5 * HEADER_WITHIN]
    tables = [_matched(raw, number, cells, sheet) for number, cells in rows]
    best = max(tables, key=lambda table: len(table.columns), default=None)
    least = max(1, min(2, len(sheet.columns)))
    return best if best is not None and len(best.columns) >= least else None


def _matched(raw: RawSheet, number: int, cells: Sequence[Cell], sheet: Sheet) -> Table:
    places: dict[str, list[int]] = {}
    for index, cell in enumerate(cells):
        if isinstance(cell, str) and cell:
            for name in dict.fromkeys(title_keys(cell)):
                places.setdefault(name, []).append(index)
    columns: list[tuple[Column, int]] = []
    for column, names in sheet.names:
        found = _index_of(column, names, places, raw.name, taken={place for _column, place in columns})
        if found is not None:
            columns.append((column, found))
    known = {index for _column, index in columns}
    unknown = [shown(cell) for index, cell in enumerate(cells) if cell != "" and index not in known]
    return Table(raw, number, columns, unknown)


def _index_of(
    column: Column, names: Sequence[str], places: dict[str, list[int]], sheet: str, *, taken: set[int]
) -> int | None:
    exact = places.get(names[0], [])
    if len(exact) > 1:
        letters = "、".join(column_letter(index) for index in exact)
        raise refused("repeated_column", sheet=sheet, column=column.title, letters=letters)
    for name in names:
        free = [index for index in places.get(name, []) if index not in taken]
        if free:
            return free[0]
    return None


def title_keys(cell: str) -> Iterator[str]:
    """The keys under which a heading may be known: without marks, and without what stands in brackets."""
    name = _MARKS.sub("", fold(cell))
    yield name
    yield _BRACKETED.sub("", name)
