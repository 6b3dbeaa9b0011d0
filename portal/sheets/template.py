"""The empty sheet that people fill in: drop-downs, an example, text columns, notes, ready to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from portal.sheets.kinds import YesNo
from portal.sheets.layout import EXAMPLE_MARK, Column, Sheet
from portal.sheets.writing import Styles, head_height, new_book, set_up_print, set_widths, sheet_name

# Rows below the header that carry drop-downs.
OFFERED_ROWS = 5000
# Rows drawn with borders, so that the printed form is a form.
_DRAWN_ROWS = 15
# Excel's limit for the text of a list; longer ones stand on a sheet of their own.
_LIST_CHARACTERS = 255
_OPTIONS_SHEET = "选项"


def template(sheet: Sheet, choices: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """Return the template of `sheet` as the bytes of an .xlsx.

    `choices` gives columns, by key, drop-down lists that only data knows (a bureau's projects, a base's classes).
    """
    buffer = BytesIO()
    book = new_book(buffer, in_memory=True)
    _Form(book, sheet, choices or {}).write()
    book.close()
    return buffer.getvalue()


class _Form:
    """One template being written."""

    def __init__(self, book: xlsxwriter.Workbook, sheet: Sheet, choices: Mapping[str, Sequence[str]]) -> None:
        self.book, self.sheet = book, sheet
        self.columns = list(sheet.columns)
        self.offers = {
            column.key: [*choices.get(column.key, column.kind.offered())] for column in self.columns
        }
        self.styles = Styles(book)
        self.page: Worksheet = book.add_worksheet(sheet_name(str(sheet.title)))
        self.last = len(self.columns) - 1

    def write(self) -> None:
        set_widths(self.page, self.columns, self.styles, bare=True)
        head = self._write_top()
        self._write_header(head)
        self._write_example(head + 1)
        self._write_body(head + 2)
        self._offer_choices(head + 1)
        self.page.freeze_panes(head + 1, self.sheet.frozen)
        set_up_print(self.page, self.columns, repeat=(head, head), frozen=self.sheet.frozen)
        self.book.set_properties({"title": str(self.sheet.title)})

    def _write_top(self) -> int:
        """Title and notes; return the header's row."""
        self._across(0, str(self.sheet.title), "title")
        self.page.set_row(0, 32)
        notes = [str(line) for line in self.sheet.note]
        notes.append(
            _("带 * 的为必填列；“%(mark)s”一行仅供参考，不会导入，可以删除。") % {"mark": EXAMPLE_MARK}
        )
        numbered = "\n".join(f"{number}. {line}" for number, line in enumerate(notes, start=1))
        self._across(1, _("填写说明：") + "\n" + numbered, "note")
        width = sum(column.shown_width for column in self.columns)
        lines = 1 + sum(-(-2 * len(line) // max(width - 4, 20)) for line in notes)
        self.page.set_row(1, 16 * lines + 6)
        return 2

    def _across(self, row: int, text: str, style: str) -> None:
        chosen = self.styles.title() if style == "title" else self.styles.note()
        if self.last > 0:
            self.page.merge_range(row, 0, row, self.last, "", chosen)
        self.page.write_string(row, 0, text, chosen)

    def _write_header(self, row: int) -> None:
        self.page.set_row(row, head_height(self.columns))
        for index, column in enumerate(self.columns):
            text = f"{column.title}*" if column.required else str(column.title)
            style = self.styles.head(required=column.required, upright=bool(column.above))
            self.page.write_string(row, index, text, style)
            if column.hint:
                self.page.write_comment(
                    row, index, str(column.hint), {"x_scale": 1.6, "font_size": 10, "author": ""}
                )

    def _write_example(self, row: int) -> None:
        if not any(column.example for column in self.columns):
            return
        for index, column in enumerate(self.columns):
            text = f"{EXAMPLE_MARK}{column.example}" if index == 0 else column.example
            style = self.styles.cell(column, font_color="#64748B", italic=True, text_wrap=True)
            self.page.write_string(row, index, text, style)

    def _write_body(self, start: int) -> None:
        for row in range(start, start + _DRAWN_ROWS):
            for index, column in enumerate(self.columns):
                self.page.write_blank(row, index, None, self.styles.cell(column))
        if self.sheet.sign_off:
            # One cell, so that it is read as a closing line and can be typed over.
            text = "        ".join(str(line) for line in self.sheet.sign_off)
            self._across(start + _DRAWN_ROWS + 1, text, "note")

    def _offer_choices(self, first: int) -> None:
        long = [column for column in self.columns if _is_long(self.offers[column.key])]
        options = self.book.add_worksheet(_OPTIONS_SHEET) if long else None
        if options:
            options.hide()
        for index, column in enumerate(self.columns):
            offer = self.offers[column.key]
            if not offer:
                continue
            source: list[str] | str = offer
            if options and column in long:
                source = _written(options, long.index(column), offer)
            self._validate(first, index, column, source)

    def _validate(self, first: int, index: int, column: Column, source: list[str] | str) -> None:
        strict = isinstance(column.kind, YesNo) or bool(column.kind.offered())
        self.page.data_validation(
            first,
            index,
            first + OFFERED_ROWS,
            index,
            {
                "validate": "list",
                "source": source,
                "error_type": "stop" if strict else "warning",
                "error_title": _("不在可选范围内"),
                "error_message": _("请从下拉列表中选择。"),
            },
        )


def _is_long(offer: Sequence[str]) -> bool:
    # A comma would split an entry in two.
    return len(",".join(offer)) > _LIST_CHARACTERS or any("," in entry for entry in offer)


def _written(options: Worksheet, index: int, offer: Sequence[str]) -> str:
    """Write a list to the hidden sheet; return the formula that names it."""
    options.write_column(0, index, offer)
    letter = xl_col_to_name(index, True)
    return f"={_OPTIONS_SHEET}!{letter}$1:{letter}${len(offer)}"
