"""One column of a list: where its value comes from and how it reads, on the page and in a sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.html import format_html
from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.templatetags import portal_ui
from portal.ui.words import word_of

if TYPE_CHECKING:
    from portal.errors import Text


class Kind(StrEnum):
    """How a value reads. A BADGE column's `value` gives `(code, word)`; CHOICE is the word of a field with choices."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    MOMENT = "moment"
    DUE = "due"
    BADGE = "badge"
    FLAG = "flag"
    CHOICE = "choice"


NUMERIC = frozenset({Kind.NUMBER, Kind.MONEY})


@dataclass(frozen=True)
class Column:
    """`key` names the column in addresses and saved sets; without `value` it is also the attribute path (`base__name`).

    `sort` is the ORM path (or annotation) it sorts by; "" means it does not sort. `shown`: visible until the person
    chooses otherwise. `url` makes the cell a link of its own. `reads` are the fields behind `value` and `url`, for lists
    that say what they read (see Register).
    """

    key: str
    title: Text
    kind: Kind = Kind.TEXT
    value: Callable[[Any], Any] | None = None
    sort: str = ""
    shown: bool = True
    url: Callable[[Any], str] | None = None
    hint: Text = ""
    reads: Sequence[str] = ()

    @property
    def is_numeric(self) -> bool:
        return self.kind in NUMERIC

    def read(self, row: Model) -> Any:
        """The plain value: what a sheet gets, except that a badge is `(code, word)`."""
        if self.value is not None:
            return self.value(row)
        if self.kind is Kind.BADGE:
            return getattr(row, self.key), word_of(row, self.key)
        return word_of(row, self.key) if self.kind is Kind.CHOICE else walk(row, self.key)

    def cell(self, row: Model) -> object:
        """What the page shows, safe for HTML."""
        value = self.read(row)
        if value is None or value == "":
            return "—"
        shown = _SHOWN[self.kind](value)
        return format_html('<a href="{}">{}</a>', self.url(row), shown) if self.url else shown

    def plain(self, row: Model) -> Any:
        """What a sheet shows: figures stay figures, times become Asia/Shanghai text, a badge its word."""
        value = self.read(row)
        if value is None:
            return None
        return _PLAIN.get(self.kind, str)(value)


def walk(row: Any, path: str) -> Any:
    """Follow `a__b__c` through attributes; None as soon as one is None."""
    for name in path.split("__"):
        if row is None:
            return None
        row = getattr(row, name)
    return row


def _flag(value: object) -> str:
    return _("是") if value else _("否")


_SHOWN: dict[Kind, Callable[[Any], object]] = {
    Kind.TEXT: str,
    Kind.NUMBER: formats.number,
    Kind.MONEY: formats.money,
    Kind.DATE: formats.day,
    Kind.MOMENT: formats.moment,
    Kind.DUE: portal_ui.due,
    Kind.BADGE: lambda pair: portal_ui.badge(*pair),
    Kind.FLAG: _flag,
    Kind.CHOICE: str,
}
_PLAIN: dict[Kind, Callable[[Any], Any]] = {
    Kind.NUMBER: lambda value: value,
    Kind.MONEY: lambda value: value,
    Kind.DATE: formats.day,
    Kind.MOMENT: formats.moment,
    Kind.DUE: formats.day,
    Kind.BADGE: lambda pair: str(pair[1]),
    Kind.FLAG: _flag,
}
