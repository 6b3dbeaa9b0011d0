"""Child's main: marks cells of a workbook with fill and comment and adds the list of problems.

Standard input: 8 digits, the length of a JSON document; the document; the workbook. Standard output: the workbook.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from io import BytesIO
from typing import Any

from .limits import MARK_CPU_SECONDS, MARK_FILE_BYTES, confine

# By its author a comment of ours is known again when the marked file comes back.
AUTHOR = "导入核对"
_FILLS = {True: "FFC7CE", False: "FFEB9C"}
_WIDTHS = (14, 8, 8, 16, 24, 60, 50)
_MAX_COMMENTS = 3000


def main() -> None:
    confine(MARK_CPU_SECONDS, MARK_FILE_BYTES)
    length = int(sys.stdin.buffer.read(8))
    order = json.loads(sys.stdin.buffer.read(length))
    sys.stdout.buffer.write(marked(sys.stdin.buffer.read(), order))


def marked(data: bytes, order: dict[str, Any]) -> bytes:
    """Return the workbook with `order`: marks [sheet, cell, text, blocks], list_title, head, rows."""
    from openpyxl import load_workbook

    book = load_workbook(BytesIO(data))
    for page in book.worksheets:
        _unmark(page)
    if order["list_title"] in book.sheetnames:
        del book[order["list_title"]]
    for (sheet, cell), marks in _by_cell(order["marks"]).items():
        if sheet in book.sheetnames:
            _mark(book[sheet], cell, marks)
    _write_list(book.create_sheet(order["list_title"]), order["head"], order["rows"])
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _by_cell(marks: list[list[Any]]) -> dict[tuple[str, str], list[tuple[str, bool]]]:
    found: dict[tuple[str, str], list[tuple[str, bool]]] = defaultdict(list)
    for sheet, cell, text, blocks in marks[:_MAX_COMMENTS]:
        found[sheet, cell].append((text, blocks))
    return found


def _unmark(page: Any) -> None:
    """Take away what an earlier round marked."""
    from openpyxl.styles import PatternFill

    for row in page.iter_rows():
        for cell in row:
            if cell.comment and cell.comment.author == AUTHOR:
                cell.comment = None
                cell.fill = PatternFill()


def _mark(page: Any, place: str, marks: list[tuple[str, bool]]) -> None:
    from openpyxl.cell.cell import MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    cell = page[place]
    if isinstance(cell, MergedCell):
        merged = next(each for each in page.merged_cells.ranges if place in each)
        cell = page.cell(merged.min_row, merged.min_col)
    colour = _FILLS[any(blocks for _text, blocks in marks)]
    cell.fill = PatternFill("solid", start_color=colour, end_color=colour)
    before = [cell.comment.text] if cell.comment else []
    text = "\n".join([*before, *(text for text, _blocks in marks)])
    cell.comment = Comment(text, AUTHOR, width=320, height=40 + 18 * (text.count("\n") + 1 + len(text) // 22))


def _lines(row: list[str]) -> int:
    """How many lines the row needs: a Chinese character takes the width of two."""
    return max(-(-2 * len(text) // width) or 1 for text, width in zip(row, _WIDTHS, strict=False))


def _write_list(page: Any, head: list[str], rows: list[list[str]]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    page.append(head)
    for cell in page[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color="E7EDF5", end_color="E7EDF5")
    for number, row in enumerate(rows, start=2):
        for index, text in enumerate(row, start=1):
            cell = page.cell(number, index)
            cell.value = text
            # Text, whatever it begins with: what people typed must not become a formula here.
            cell.data_type = "s"
            cell.quotePrefix = text.startswith(("=", "+", "-", "@"))
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        page.row_dimensions[number].height = 15 * _lines(row) + 3
    for index, width in enumerate(_WIDTHS):
        page.column_dimensions[chr(65 + index)].width = width
    page.freeze_panes = "A2"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = 9
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
