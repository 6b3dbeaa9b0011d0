"""Single values of a notice that operations and sweeps ask for: declared by whoever asks, editable on screen.

REMINDER = fact("deliverable_reminder_days", gettext_lazy("应交材料到期前几天提醒基地"), 3, group=Group.DAYS)
REMINDER.of(rulebook)  # 3, or what the notice or the office says

What a notice leaves open has the default; nothing has to stand in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar, cast

from django.db.models import (
    DateField,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    Value,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import Invalid, Text
from portal.rulebook.models import Rulebook

T = TypeVar("T")

DAYS, OTHERS = gettext_lazy("提醒与办理时限"), gettext_lazy("其他事项")
MOST = 400
# Reminders are sent at so many different distances before a day at most.
MOST_STAGES = 5
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Fact(Generic[T]):
    """One value: a number, a list of days (nearest first), yes or no, or a text, as its default is.

    `least` and `most` bound numbers; `problem` says what is wrong with a value that cannot be, or nothing.
    """

    name: str
    label: Text
    default: T
    group: Text = OTHERS
    hint: Text = ""
    least: int = 0
    most: int = MOST
    problem: Callable[[Any], Text] | None = None

    def of(self, rulebook: Rulebook) -> T:
        """What the rulebook says, or the default."""
        value = rulebook.facts.get(self.name, self.default)
        return cast(T, tuple(value)) if isinstance(value, list) else cast(T, value)

    def checked(self, value: Any) -> T:
        """The value as it is stored, days sorted and each once. Raises Invalid, naming the fact, for what cannot be."""
        if isinstance(self.default, tuple):
            return cast(T, tuple(self._days(value)))
        if type(value) is not type(self.default):
            raise self._invalid(_("填写的类型不对"))
        if isinstance(value, int):
            self._bounded(value)
        if self.problem and (words := self.problem(value)):
            raise self._invalid(words)
        return value

    def column(self, path: str) -> Coalesce:
        """A number in SQL, where `path` leads to the rulebook."""
        said = Cast(KeyTextTransform(self.name, f"{path}__facts"), IntegerField())
        return Coalesce(said, Value(self.default), output_field=IntegerField())

    def days_after(self, day: date | str, path: str) -> ExpressionWrapper[Any]:
        """The day that is so many days after `day`, a date or the name of a field, in SQL."""
        return ExpressionWrapper(_day(day) + self.column(path), output_field=DateField())

    def days_before(self, day: date | str, path: str) -> ExpressionWrapper[Any]:
        """The day that is so many days before `day`, in SQL."""
        return ExpressionWrapper(_day(day) - self.column(path), output_field=DateField())

    def moment_after(self, now: datetime, path: str) -> ExpressionWrapper[Any]:
        """The moment that is so many days after `now`, in SQL."""
        days = ExpressionWrapper(
            self.column(path) * Value(ONE_DAY, output_field=DurationField()), output_field=DurationField()
        )
        return ExpressionWrapper(Value(now) + days, output_field=DateTimeField())

    def _days(self, value: Any) -> Sequence[int]:
        if not isinstance(value, list | tuple) or not value or len(value) > MOST_STAGES:
            raise self._invalid(_("应为1至%(most)d个天数") % {"most": MOST_STAGES})
        for each in value:
            if not isinstance(each, int) or isinstance(each, bool):
                raise self._invalid(_("天数应为整数"))
            self._bounded(each)
        return sorted(set(value))

    def _bounded(self, value: int) -> None:
        if not self.least <= value <= self.most:
            words = _("应在%(least)d至%(most)d之间") % {"least": self.least, "most": self.most}
            raise self._invalid(words)

    def _invalid(self, words: Text) -> Invalid:
        return Invalid(_("“%(fact)s”%(words)s。") % {"fact": self.label, "words": words}, field=self.name)


def _day(day: date | str) -> Any:
    return F(day) if isinstance(day, str) else Value(day, output_field=DateField())


def stage(left: timedelta, ahead: Sequence[int]) -> int | None:
    """Which of the distances `ahead` (days, nearest first) a thing has come within when `left` is left; None: not yet."""
    return next((days for days in ahead if left <= timedelta(days=days)), None)


_facts: dict[str, Fact[Any]] = {}


def fact(name: str, label: Text, default: T, **more: Any) -> Fact[T]:
    """Declare a value. Whoever asks for it keeps what this returns; a second declaration of a name is a mistake."""
    if name in _facts:
        raise ValueError(f"fact {name} is declared twice")
    made = Fact(name, label, default, **more)
    _facts[name] = made
    return made


def facts() -> list[Fact[Any]]:
    """The declared values, those of one group together, in the order of declaration."""
    return sorted(_facts.values(), key=lambda each: str(each.group) != str(DAYS))


def shown(value: Any) -> str:
    """A value in words."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list | tuple):
        return "、".join(str(each) for each in value)
    return str(value)
