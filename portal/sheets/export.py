"""Rows out, as many as there are, in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from portal.errors import Invalid
from portal.sheets.layout import Sheet
from portal.sheets.writing import (
    Styles,
    above_height,
    clean,
    head_height,
    new_book,
    put,
    set_up_print,
    set_widths,
    sheet_name,
)

MAX_EXPORT_ROWS = 1_000_000
Row = Mapping[str, Any] | Sequence[Any]


def export(
    sheet: Sheet,
    rows: Iterable[Row],
    *,
    title: str = "",
    subtitle: str = "",
    sign_off: Sequence[str] = (),
    target: IO[bytes] | None = None,
) -> IO[bytes]:
    """Write `rows` under the columns of `sheet` and return the open file, at its beginning.

    A row is a mapping by column key, or values in the columns' order. Values are what the column's kind holds;
    masking is the caller's matter. Without `target` a temporary file is made that vanishes when closed, fit for a
    FileResponse. Raises Invalid above a million rows.
    """
    with ExitStack() as stack:
        file = target or stack.enter_context(TemporaryFile())
        with new_book(file, constant_memory=True) as book:
            writer = _Writer(book, sheet)
            writer.write_top(title or str(sheet.title), subtitle)
            writer.write_rows(rows)
            writer.write_sign_off(sign_off)
        file.seek(0)
        # All is well: closing is now the matter of whoever sends it, as a FileResponse does.
        stack.pop_all()
    return file


class _Writer:
    """One export being written, row after row: in constant memory there is no way back."""

    def __init__(self, book: xlsxwriter.Workbook, sheet: Sheet) -> None:
        self.columns, self.frozen = list(sheet.columns), sheet.frozen
        self.styles = Styles(book)
        self.page = book.add_worksheet(sheet_name(str(sheet.title)))
        self.row = 0

    def write_top(self, title: str, subtitle: str) -> None:
        """Title, subtitle and header."""
        set_widths(self.page, self.columns, self.styles, bare=False)
        self.page.set_row(0, 32)
        first = 2 if subtitle else 1
        self.row = first + any(each.above for each in self.columns)
        across = set_up_print(self.page, self.columns, repeat=(first, self.row), frozen=self.frozen)
        if len(self.columns) > 1 and across == 1:
            self.page.merge_range(0, 0, 0, len(self.columns) - 1, clean(title), self.styles.title())
        else:
            # Beside the columns that every page repeats, or each page would begin with a piece of it.
            self.page.write_string(0, self.frozen, clean(title), self.styles.get(bold=True, font_size=16))
        if subtitle:
            self.page.write_string(1, 0, clean(subtitle), self.styles.get(font_color="#475569"))
        self._write_head(first)
        self.page.freeze_panes(self.row + 1, self.frozen)

    def _write_head(self, first: int) -> None:
        """The words above in row `first`, where there are any, then the titles."""
        if first < self.row:
            self.page.set_row(first, above_height(self.columns))
            for index, column in enumerate(self.columns):
                self.page.write_string(first, index, clean(str(column.above)), self.styles.above())
        self.page.set_row(self.row, head_height(self.columns))
        for index, column in enumerate(self.columns):
            style = self.styles.head(upright=bool(column.above))
            self.page.write_string(self.row, index, str(column.title), style)

    def write_rows(self, rows: Iterable[Row]) -> None:
        most = self.row + MAX_EXPORT_ROWS
        for row in rows:
            self.row += 1
            if self.row > most:
                raise Invalid(
                    _("超过100万行，一个工作表放不下。请缩小筛选范围后再导出。"), code="export_too_long"
                )
            self._write_row(row)

    def _write_row(self, row: Row) -> None:
        for index, column in enumerate(self.columns):
            value = row.get(column.key) if isinstance(row, Mapping) else row[index]
            put(self.page, (self.row, index), column.kind.export(value), column, self.styles)

    def write_sign_off(self, lines: Sequence[str]) -> None:
        if lines:
            self.page.write_string(self.row + 2, 0, clean("        ".join(lines)), self.styles.get())
