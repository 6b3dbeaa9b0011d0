"""From a file to typed rows and findings: never an exception for a row, one refusal for a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from django.utils.translation import gettext as _

from portal.rulebook.findings import Citation, Verdict
from portal.sheets.cells import BadCell, Cell, shown
from portal.sheets.findings import CellFinding, blocked
from portal.sheets.header import Table, locate
from portal.sheets.intake import raw_sheets
from portal.sheets.layout import Column, Sheet
from portal.sheets.refusals import refused
from portal.sheets.skipping import Skipper
from portal.text import has_control, normalise

if TYPE_CHECKING:
    from portal.errors import Text

MAX_ROWS = 20_000
# Cells that may be looked up: a yes and a one would be found under the same key, a date cannot be a key.
_REPEATED = frozenset({str, int, float})


@dataclass
class ParsedRow:
    """One row: `number` as Excel shows it, typed `values` by column key (None where empty or not acceptable)."""

    number: int
    values: dict[str, Any]
    findings: list[CellFinding]
    cells: list[Cell]
    table: Table

    @property
    def sound(self) -> bool:
        """Whether every cell could be read."""
        return not (self.findings and blocked(self.findings))

    def raw(self, key: str) -> str:
        """What stands in the column `key`, as written."""
        index = next((index for column, index in self.table.columns if column.key == key), None)
        return shown(self.cells[index]) if index is not None and index < len(self.cells) else ""

    def finding(
        self, key: str, message: Text, *, severity: Verdict = Verdict.BLOCK, citation: Citation | None = None
    ) -> CellFinding:
        """A finding about the cell of this row in the column `key`; "" for the whole row."""
        column = next((column for column, _index in self.table.columns if column.key == key), None)
        return CellFinding(
            sheet=self.table.raw.name,
            row=self.number,
            column=self.table.letter(key),
            title=str(column.title) if column else "",
            value=self.raw(key),
            message=str(message),
            severity=severity,
            citation=citation,
            sensitive=bool(column and column.kind.sensitive),
        )


@dataclass
class Reading:
    """What a file holds. `skipped` are rows left out (number, why); `unknown` the headings nobody asked for."""

    sheet_name: str
    rows: list[ParsedRow]
    skipped: list[tuple[int, str]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def findings(self) -> list[CellFinding]:
        return [finding for row in self.rows for finding in row.findings]


def read(file: BinaryIO | bytes, sheet: Sheet, *, max_rows: int = MAX_ROWS) -> Reading:
    """Read the first table of `file` that fits `sheet`.

    Raises FileRefused, saying what to do, when the file as a whole cannot be taken.
    """
    data = file if isinstance(file, bytes) else file.read()
    table = locate(raw_sheets(data, max_rows=max_rows), sheet)
    reading = Reading(table.raw.name, [], unknown=list(table.unknown))
    reading.rows = list(_rows(table, reading, Skipper(table, totals=sheet.totals)))
    if len(reading.rows) > max_rows:
        raise refused("too_many_rows", sheet=table.raw.name, limit=max_rows)
    if not reading.rows:
        raise refused("no_rows", sheet=table.raw.name)
    return reading


def _rows(table: Table, reading: Reading, skipper: Skipper) -> Iterator[ParsedRow]:
    plan = [_Step.of(column, index) for column, index in table.columns]
    for number, cells in table.raw.rows:
        if number <= table.header_number:
            continue
        reason = skipper.reason(cells)
        if reason:
            reading.skipped.append((number, reason))
            continue
        row = ParsedRow(number, {}, [], cells, table)
        if _fill(row, plan):
            yield row


@dataclass(frozen=True, slots=True)
class _Step:
    """How one column is read; resolved once for all rows."""

    key: str
    index: int
    required: bool
    multiline: bool
    parse: Callable[[Cell], Any]
    # What cells of this column meant that nothing was to be said about: most columns repeat few.
    known: dict[Cell, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, column: Column, index: int) -> Self:
        return cls(column.key, index, column.required, column.kind.multiline, column.kind.parse)


def _fill(row: ParsedRow, plan: list[_Step]) -> bool:
    """Parse every column into `row`; False when all of them are empty."""
    cells, values = row.cells, row.values
    width = len(cells)
    missing: list[str] = []
    for step in plan:
        cell = cells[step.index] if step.index < width else ""
        if cell.__class__ in _REPEATED and cell in step.known:
            values[step.key] = step.known[cell]
        else:
            values[step.key] = _value(row, step, cell, missing)
    if not row.findings and all(value is None for value in values.values()):
        return False
    row.findings += [row.finding(key, _("必填项为空，请填写")) for key in missing]
    return True


def _value(row: ParsedRow, step: _Step, raw: Cell, missing: list[str]) -> Any:
    """What one cell means; None, and a line in `missing` or in the row's findings, when nothing acceptable."""
    said = len(row.findings)
    cell = _cleaned(row, step, raw) if raw.__class__ is str else raw
    if cell == "" and step.required:
        missing.append(step.key)
        return None
    value = None if cell == "" else _parsed(row, step, cell)
    if raw.__class__ in _REPEATED and len(row.findings) == said:
        step.known[raw] = value
    return value


def _cleaned(row: ParsedRow, step: _Step, cell: str) -> str:
    text = normalise(cell, multiline=step.multiline)
    if text is not cell and has_control(cell):
        message = _("含有看不见的控制字符，已自动去除，请核对内容")
        row.findings.append(row.finding(step.key, message, severity=Verdict.WARN))
    return text


def _parsed(row: ParsedRow, step: _Step, cell: Cell) -> Any:
    if isinstance(cell, dict) and (problem := _unusable(cell)):
        row.findings.append(row.finding(step.key, problem))
        return None
    try:
        return step.parse(cell)
    except BadCell as bad:
        row.findings.append(row.finding(step.key, str(bad)))
        return None


def _unusable(cell: dict[str, Any]) -> str | None:
    """Why a formula's cell has no value to read, or None."""
    if "formula" in cell:
        return _("公式没有计算结果；请用 Excel 或 WPS 打开并保存一次，或直接填写结果")
    if "error" in cell:
        return _("单元格为公式错误 %(error)s，请改为实际内容") % {"error": cell["error"]}
    return None
