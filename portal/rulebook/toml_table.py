"""Reading one table of a notice file key by key; every complaint says which table and which key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext as _

from portal import clock


class Table:
    """One TOML table. What is wrong is added to `complaints`, so that all of it can be said at once."""

    def __init__(self, where: str, data: Any, complaints: list[str]) -> None:
        self.where, self.complaints = where, complaints
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}
        self._read: set[str] = set()
        if not isinstance(data, dict):
            self.complain(_("%(where)s应为一个表，请检查是否漏写了表头。"))

    def text(self, key: str, default: str | None = None) -> str:
        """The string at `key`, trimmed; required when there is no default."""
        return str(self._value(key, str, default, "", _("一段文字"))).strip()

    def day(self, key: str) -> date:
        return cast(date, self._value(key, date, None, date.min, _("日期，如 2020-10-31")))

    def mapping(self, key: str) -> dict[str, Any]:
        return dict(self._value(key, dict, {}, {}, _("一个表")))

    def moment(self, key: str, of_day: Callable[[date], datetime]) -> datetime | None:
        """The date or date-time at `key`, or None; a date means `of_day` of it, both in Asia/Shanghai."""
        value = self._value(key, (date, datetime), None, None, _("日期，如 2020-10-31"), required=False)
        if isinstance(value, datetime):
            return value if timezone.is_aware(value) else timezone.make_aware(value)
        return of_day(value) if isinstance(value, date) else None

    def opening(self, key: str) -> datetime | None:
        return self.moment(key, clock.start_of)

    def closing(self, key: str) -> datetime | None:
        """A due date means the end of that day."""
        return self.moment(key, clock.end_of)

    def one_of(self, key: str, choices: list[str], default: str) -> str:
        value = self.text(key, default)
        if value not in choices:
            self.complain(_("%(where)s的“%(key)s”只能是：%(choices)s。"), key=key, choices="、".join(choices))
        return value

    def finish(self) -> None:
        """Complain of the keys that nothing has read: most are misspellings, and would be lost silently."""
        for key in sorted(set(self.data) - self._read):
            self.complain(_("%(where)s有不认识的键“%(key)s”，请检查拼写。"), key=key)

    def complain(self, message: str, **words: str) -> None:
        self.complaints.append(message % {"where": self.where, **words})

    def _value(
        self, key: str, kind: Any, default: Any, fallback: Any, expected: str, *, required: bool = True
    ) -> Any:
        """The value at `key` if it is of `kind`, else `fallback`, with a complaint."""
        self._read.add(key)
        value = self.data.get(key, default)
        if value is None:
            if required:
                self.complain(_("%(where)s缺少“%(key)s”（%(expected)s）。"), key=key, expected=expected)
            return fallback
        # A boolean is an integer and a date-time is a date to Python, but not to the reader of the file.
        if not isinstance(value, kind) or (isinstance(value, datetime) and kind is date):
            self.complain(_("%(where)s的“%(key)s”应为%(expected)s。"), key=key, expected=expected)
            return fallback
        return value
