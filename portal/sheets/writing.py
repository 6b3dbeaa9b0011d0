"""What every xlsx we write has in common: looks, and cells that cannot become formulas."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from portal.sheets.layout import Column

FONT = "宋体"
A3, A4 = 8, 9
# How many characters of full size a page is wide, and how small they may become.
LANDSCAPE_WIDTH = {A4: 145, A3: 210}
PORTRAIT_WIDTH = 90
READABLE = 0.7
_MAX_CHARACTERS = 32_767
# Spreadsheets take a cell that begins so for a formula when it is edited or saved as CSV.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def get(self, **properties: Any) -> Format:
        """Return the format with these properties over the common ones."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            common = {"font_name": FONT, "font_size": 11, "valign": "vcenter"}
            self._made[key] = self._book.add_format(common | properties)
        return self._made[key]

    def title(self) -> Format:
        return self.get(bold=True, font_size=16, align="center")

    def note(self) -> Format:
        return self.get(text_wrap=True, font_color="#475569", valign="top")

    def head(self, *, required: bool = False, upright: bool = False) -> Format:
        fill = "#FDE8D7" if required else "#E7EDF5"
        more = {"rotation": 90} if upright else {}
        return self.get(
            bold=True, align="center", text_wrap=True, border=1, border_color="#94A3B8", bg_color=fill, **more
        )

    def above(self) -> Format:
        return self.get(
            font_size=9, rotation=90, text_wrap=True, border=1, border_color="#94A3B8", bg_color="#E7EDF5"
        )

    def cell(self, column: Column, **more: Any) -> Format:
        """The format of a column's data: text for numbers that are names, wrapped for long text."""
        kind = column.kind
        properties: dict[str, Any] = {"border": 1, "border_color": "#CBD5E1", **more}
        if kind.as_text:
            properties["num_format"] = "@"
        elif kind.number_format:
            properties["num_format"] = kind.number_format
        if kind.multiline:
            properties["text_wrap"] = True
        return self.get(**properties)


def new_book(target: Any, **options: Any) -> xlsxwriter.Workbook:
    """A workbook in which no text is ever taken for a formula, a link or a number."""
    guarded = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    return xlsxwriter.Workbook(target, guarded | options)


def clean(text: str) -> str:
    """Return `text` as a cell can hold it."""
    return _ILLEGAL.sub("", text)[:_MAX_CHARACTERS]


def put(page: Worksheet, place: tuple[int, int], value: Any, column: Column, styles: Styles) -> None:
    """Write one value at (row, column): text as text whatever it begins with, the rest as what it is."""
    row, index = place
    style = styles.cell(column)
    if value is None or value == "":
        page.write_blank(row, index, None, style)
    elif isinstance(value, bool):
        page.write_string(row, index, column.kind.show(value), style)
    elif isinstance(value, (date, datetime)):
        page.write_datetime(row, index, value, style)
    elif isinstance(value, (int, float, Decimal)) and not column.kind.as_text:
        page.write_number(row, index, value, style)
    else:
        text = clean(str(value))
        if text.startswith(_FORMULA_SIGNS):
            style = styles.cell(column, quote_prefix=True)
        page.write_string(row, index, text, style)


def set_up_print(page: Worksheet, columns: list[Column], *, repeat: tuple[int, int], frozen: int = 0) -> int:
    """Choose paper on which the columns can be read; rows `repeat` (from 0) and the `frozen` columns on every page.

    Return how many pages stand side by side: A4 as long as the type keeps seven tenths of its size, then A3, then more
    than one page across.
    """
    width = sum(column.shown_width for column in columns)
    large = width * READABLE > LANDSCAPE_WIDTH[A4]
    across = math.ceil(width * READABLE / LANDSCAPE_WIDTH[A3]) if large else 1
    page.set_paper(A3 if large else A4)
    if width > PORTRAIT_WIDTH:
        page.set_landscape()
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    page.fit_to_pages(across, 0)
    page.repeat_rows(*repeat)
    if frozen and across > 1:
        page.repeat_columns(0, frozen - 1)
    page.set_footer("&C第 &P 页，共 &N 页")
    return across


def set_widths(page: Worksheet, columns: list[Column], styles: Styles, *, bare: bool) -> None:
    """Set the columns' widths and formats. `bare`: no borders."""
    for index, column in enumerate(columns):
        style = styles.get(num_format="@") if column.kind.as_text else None
        page.set_column(index, index, min(column.shown_width, 60), style if bare else None)


def head_height(columns: list[Column]) -> int:
    """Points that the longest heading needs in its column."""
    level = [each for each in columns if not each.above]
    lines = max((-(-2 * len(str(each.title)) // max(each.shown_width - 1, 1)) for each in level), default=1)
    longest = max((len(str(each.title)) for each in columns if each.above), default=0)
    return max(20 + 15 * min(lines - 1, 3), 12 + 7 * longest)


def above_height(columns: list[Column]) -> int:
    """Points that the longest words above a heading need, upright, in as many lines as their column is wide; 0: none."""
    return max((24 + 12 * -(-len(str(each.above)) // 2) for each in columns if each.above), default=0)


def sheet_name(title: str) -> str:
    """Excel's rules for the name of a sheet: 31 characters, none of []:*?/\\ in it."""
    return title.translate(str.maketrans(dict.fromkeys("[]:*?/\\'")))[:31] or "Sheet1"
