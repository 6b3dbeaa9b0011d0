"""What calamine cannot tell or would die of, found by one pass over a sheet's XML."""

from __future__ import annotations

import re

from .refusal import Refused

# Up to column ZZ: only names of three letters need a look.
MAX_COLUMNS = 702
# Rows above the table and below it.
MARGIN_ROWS = 1000

_CELL_START = rb"<(?:\w+:)?c\s(?:[^>]*?\s)?r=[\"']"
# Cells with content (not self-closed) whose column has three letters or whose row has five digits.
_FAR = re.compile(_CELL_START + rb"([A-Z]{3}|[A-Z]{1,2}(?=\d{5}))(\d+)[\"'][^>]*(?<!/)>", re.ASCII)
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_REFERENCE = re.compile(rb"(?:^|\s)r=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_TYPE = re.compile(rb"(?:^|\s)t=[\"'](\w+)[\"']")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]+)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
# Sixteen digits and more, not all zeros behind those that a number keeps: written by a program, not rounded.
_DIGITS = re.compile(rb"\d{15}(?=0*[1-9])\d{1,5}")
# Cheap searches with a literal start: an ordinary sheet passes them in a few milliseconds and is done.
_MAYBE_FAR = re.compile(rb" r=[\"'](?:[A-Z]{3}|[A-Z]{1,2}\d{5})")
_MAYBE_LONG_NUMBER = re.compile(rb"v>\d{16}")
_MAYBE_ODD = (b"<f", b":f>", b":f ", b't="e"', b"t='e'")

Place = tuple[int, int]


class Oddities:
    """By (row, column), both from 0: digits of long numbers as written, formulas with no result, error values."""

    def __init__(self) -> None:
        self.digits: dict[Place, str] = {}
        self.uncalculated: list[Place] = []
        self.errors: dict[Place, str] = {}


def column_index(letters: str) -> int:
    """“A” is 0, “AA” is 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def check_extent(xml: bytes, name: str, max_rows: int) -> None:
    """Refuse a sheet with a cell so far out that a reader would allocate everything before it."""
    if not _MAYBE_FAR.search(xml):
        return
    for match in _FAR.finditer(xml):
        letters, row = match[1].decode(), int(match[2])
        if column_index(letters) >= MAX_COLUMNS:
            raise Refused("far_column", sheet=name, cell=f"{letters}{row}", limit=MAX_COLUMNS)
        if row > max_rows + MARGIN_ROWS:
            raise Refused("far_row", sheet=name, cell=f"{letters}{row}", limit=max_rows)


def oddities(xml: bytes) -> Oddities:
    """Return what calamine would silently give as an empty cell or a rounded number."""
    found = Oddities()
    if not (any(sign in xml for sign in _MAYBE_ODD) or _MAYBE_LONG_NUMBER.search(xml)):
        return found
    for match in _CELL.finditer(xml):
        _examine(match[1], match[2], found)
    return found


def _examine(attributes: bytes, body: bytes, found: Oddities) -> None:
    reference = _REFERENCE.search(attributes)
    if reference is None:
        return
    place = (int(reference[2]) - 1, column_index(reference[1].decode()))
    kind = _TYPE.search(attributes)
    type_code = kind[1] if kind else b"n"
    value = _VALUE.search(body)
    if type_code == b"e":
        found.errors[place] = value[1].decode(errors="replace") if value else "#N/A"
    elif value is None:
        if type_code not in {b"str", b"inlineStr"} and _FORMULA.search(body):
            found.uncalculated.append(place)
    elif type_code == b"n" and _DIGITS.fullmatch(value[1]):
        found.digits[place] = value[1].decode()
