"""Child's main: a workbook on standard input, one JSON document on standard output."""

from __future__ import annotations

import datetime
import json
import sys
from io import BytesIO
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

from .cells import Oddities, check_extent, oddities
from .contents import visible_parts
from .limits import READ_CPU_SECONDS, confine
from .package import opened
from .refusal import Refused

# Importing typing would take a tenth of the time that the child needs to start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_OUTPUT = 64 * 1024**2
_HEAD_ROWS = 120

Row = tuple[int, "list[Any]"]


def main() -> None:
    """Read standard input; argv[1] is the greatest number of data rows."""
    confine(READ_CPU_SECONDS)
    found = answer(sys.stdin.buffer.read(), int(sys.argv[1]))
    text = json.dumps(found, default=_tagged, ensure_ascii=False, separators=(",", ":"))
    if len(text) > MAX_OUTPUT:
        text = json.dumps({"refused": "bomb", "facts": {"limit": MAX_OUTPUT // 1024**2}})
    sys.stdout.buffer.write(text.encode())


def answer(data: bytes, max_rows: int) -> dict[str, Any]:
    """Return {"sheets": [...]} of the visible sheets, or {"refused": code, "facts": {...}}."""
    try:
        return {"sheets": workbook(data, max_rows)}
    except Refused as refusal:
        return {"refused": refusal.code, "facts": refusal.facts}
    except (BadZipFile, ExpatError, KeyError, EOFError, NotImplementedError, OSError):
        return {"refused": "damaged", "facts": {}}


def workbook(data: bytes, max_rows: int) -> list[dict[str, Any]]:
    """Check the package, then let calamine read what is visible. Raises Refused."""
    archive = opened(data)
    odd: dict[str, Oddities] = {}
    for name, part in visible_parts(archive):
        xml = archive.read(part)
        check_extent(xml, name, max_rows)
        odd[name] = oddities(xml)
    return _parse(data, odd, max_rows)


def _parse(data: bytes, odd: dict[str, Oddities], max_rows: int) -> list[dict[str, Any]]:
    # Imported late: the checks above need none of it.
    from python_calamine import CalamineError, PasswordError, load_workbook

    try:
        book = load_workbook(BytesIO(data))
        return [_sheet(book.get_sheet_by_name(name), found, max_rows) for name, found in odd.items()]
    except PasswordError as error:
        raise Refused("password") from error
    except CalamineError as error:
        raise Refused("damaged") from error


def _sheet(sheet: Any, found: Oddities, max_rows: int) -> dict[str, Any]:
    by_number = dict(_rows(sheet, max_rows))
    for (row, column), digits in found.digits.items():
        _put(by_number, row + 1, column, digits)
    for (row, column), text in found.errors.items():
        _put(by_number, row + 1, column, {"error": text})
    for row, column in found.uncalculated:
        _put(by_number, row + 1, column, {"formula": True})
    _fill_merged(by_number, sheet.merged_cell_ranges or [])
    return {"name": sheet.name, "rows": sorted(by_number.items())}


def _rows(sheet: Any, max_rows: int) -> list[Row]:
    """Rows that hold something, numbered as Excel does; a few more than allowed, so that one can tell."""
    rows: list[Row] = []
    for number, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            rows.append((number, cells))
            if len(rows) > max_rows + _HEAD_ROWS:
                break
    return rows


def _put(rows: dict[int, list[Any]], number: int, column: int, value: Any) -> None:
    cells = rows.setdefault(number, [])
    cells.extend([""] * (column + 1 - len(cells)))
    cells[column] = value


def _fill_merged(rows: dict[int, list[Any]], ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Give the value of a cell merged over several rows to each of them that holds anything else."""
    for (top, left), (bottom, _right) in ranges:
        cells = rows.get(top + 1, [])
        if bottom == top or left >= len(cells) or cells[left] == "":
            continue
        for number in range(top + 2, bottom + 2):
            if number in rows:
                _put(rows, number, left, cells[left])


def _tagged(value: object) -> dict[str, str]:
    """JSON of what calamine gives for cells formatted as date, time or duration."""
    if isinstance(value, (datetime.datetime, datetime.date)):
        return {"date": value.isoformat()}
    if isinstance(value, datetime.time):
        return {"time": value.isoformat()}
    return {"time": str(value)}
