"""Dates in the spellings that people and office programs use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _

from portal.sheets.cells import BadCell, Cell, shown
from portal.sheets.kinds import Kind

_MIDNIGHT = r"(?:[T\s]+00?:00(?::00(?:\.0+)?)?)?"
_SEPARATED = re.compile(
    r"(\d{4})\s*[-/.。年]\s*(\d{1,2})\s*[-/.。月]\s*(\d{1,2})\s*[日号]?" + _MIDNIGHT, re.ASCII
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_MONTH = re.compile(r"(\d{4})\s*[-/.。年]\s*(\d{1,2})\s*月?", re.ASCII)
_COMPACT_MONTH = re.compile(r"(\d{4})(\d{2})", re.ASCII)
_TIME = r"(\d{1,2})\s*[:：时点]\s*(\d{1,2})?(?:[:：]\d{1,2}(?:\.\d+)?|分)?"
_MOMENT = re.compile(r"(.+?[\d日号])(?:[T\s]+|(?<=[日号]))" + _TIME, re.ASCII)
_EPOCH = date(1899, 12, 30)
# Excel's day numbers from 1927 to 2100; a smaller number in a date column is a year or a mistake.
_FIRST_SERIAL, _LAST_SERIAL = 10_000, 73_414
_YEARS = range(1900, 2101)


def parse_date(cell: Cell) -> date:
    """Return the day meant: five spellings, Excel's own date, or its day number. Raises BadCell."""
    if isinstance(cell, dict) and "date" in cell:
        return _checked(datetime.fromisoformat(cell["date"]).date())
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _from_number(float(cell))
    text = shown(cell)
    match = _SEPARATED.fullmatch(text) or _COMPACT.fullmatch(text)
    if match is None:
        raise BadCell(_("不是完整的日期，请按“2020-10-31”的格式填写"))
    return _built(*(int(part) for part in match.groups()[:3]))


def parse_month(cell: Cell) -> date:
    """Return the first day of the month meant; whole dates are accepted. Raises BadCell."""
    text = shown(cell)
    if isinstance(cell, float) and re.fullmatch(r"(19|20)\d\d\.1", text):
        raise BadCell(_("以数字格式存储，分不清是1月还是10月；请按“1985-06”的格式填写"))
    match = _MONTH.fullmatch(text) or _COMPACT_MONTH.fullmatch(text)
    if match and int(match[1]) in _YEARS:
        return _built(int(match[1]), int(match[2]), 1)
    try:
        return parse_date(cell).replace(day=1)
    except BadCell:
        raise BadCell(_("不是年月，请按“1985-06”的格式填写")) from None


def parse_moment(cell: Cell) -> datetime:
    """Return the moment meant, aware, in Asia/Shanghai; a day alone is its beginning. Raises BadCell."""
    if isinstance(cell, dict) and "date" in cell:
        return _aware(datetime.fromisoformat(cell["date"]))
    if isinstance(cell, float) and _is_serial(cell):
        whole = datetime.combine(_EPOCH, time()) + timedelta(minutes=round(cell * 24 * 60))
        return _aware(whole)
    match = _MOMENT.fullmatch(cell) if isinstance(cell, str) else None
    if match is None:
        return _aware(datetime.combine(parse_date(cell), time()))
    hour, minute = int(match[2]), int(match[3] or 0)
    if hour > 23 or minute > 59:
        raise BadCell(_("没有这样的时刻，请按“2020-10-31 08:30”的格式填写"))
    return _aware(datetime.combine(parse_date(match[1].strip()), time(hour, minute)))


def _is_serial(number: float) -> bool:
    return _FIRST_SERIAL <= number < _LAST_SERIAL + 1


def _from_number(number: float) -> date:
    if _is_serial(number):
        return _EPOCH + timedelta(days=int(number))
    match = _COMPACT.fullmatch(shown(number))
    if match is None:
        raise BadCell(_("不是日期，请按“2020-10-31”的格式填写"))
    return _built(*(int(part) for part in match.groups()))


def _built(year: int, month: int, day: int) -> date:
    try:
        return _checked(date(year, month, day))
    except ValueError as error:
        if isinstance(error, BadCell):
            raise
        raise BadCell(_("没有这一天，请核对年月日")) from None


def _checked(day: date) -> date:
    if day.year not in _YEARS:
        raise BadCell(_("年份应在1900至2100之间，请核对"))
    return day


def _aware(moment: datetime) -> datetime:
    _checked(moment.date())
    return timezone.make_aware(moment.replace(second=0, microsecond=0))


@dataclass(frozen=True)
class Date(Kind):
    """A day, as datetime.date."""

    number_format: ClassVar[str] = "yyyy-mm-dd"
    default_width: ClassVar[int] = 12

    def parse(self, cell: Cell) -> date:
        return parse_date(cell)

    def load(self, stored: Any) -> date | None:
        return None if stored is None else date.fromisoformat(stored)

    def show(self, value: Any) -> str:
        return "" if value is None else f"{value:%Y-%m-%d}"


@dataclass(frozen=True)
class YearMonth(Date):
    """A month, as the date of its first day."""

    number_format: ClassVar[str] = "yyyy-mm"

    def parse(self, cell: Cell) -> date:
        return parse_month(cell)

    def show(self, value: Any) -> str:
        return "" if value is None else f"{value:%Y-%m}"


@dataclass(frozen=True)
class Moment(Kind):
    """A day and time in Asia/Shanghai, as an aware datetime."""

    number_format: ClassVar[str] = "yyyy-mm-dd hh:mm"
    default_width: ClassVar[int] = 17

    def parse(self, cell: Cell) -> datetime:
        return parse_moment(cell)

    def load(self, stored: Any) -> datetime | None:
        return None if stored is None else datetime.fromisoformat(stored)

    def show(self, value: Any) -> str:
        return "" if value is None else f"{timezone.localtime(value):%Y-%m-%d %H:%M}"

    def export(self, value: Any) -> datetime | None:
        return None if value is None else timezone.localtime(value).replace(tzinfo=None)
