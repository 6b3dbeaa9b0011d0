"""The demo's frame: stages that the apps plug in, run in order, all through the services.

A stage's module is `<app>/demo.py`; it declares itself with `@demo_stage(order, label)`. Everything the demo makes is
fictional except the names of districts, and is marked 演示.

What happens after the day on which the demo is handed over stands in `<app>/demo_year*.py`, declared with `year=True`.
`bin/manage play_year` plays it on a loaded demo. Such a stage moves the business time with `demo.at(…)` as it goes, does
only what `demo.reached(…)`, and leaves alone what it finds done: the year can be played in parts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from random import Random
from time import perf_counter

from django.db import transaction
from django.utils import timezone

from portal import clock
from portal.operations.actor import Actor
from portal.operations.discovery import import_rooms, our_apps

# The day of the notice, on which the loader acts; and the morning after, at which the demo is handed over.
LOADED_AT = timezone.make_aware(datetime(2020, 10, 23, 10))
HANDED_OVER_AT = timezone.make_aware(datetime(2020, 10, 24, 9))
# The last day of the year that is played.
YEAR_ENDS = date(2021, 8, 31)
MARK = "（演示）"


@dataclass
class Demo:
    """What the stages share. `size` 1.0 is the full demo: 66 projects, 40 districts, 3,000 nominated teachers.

    `until` is the day to which the year is played.
    """

    say: Callable[[str], None]
    size: float = 1.0
    until: date = YEAR_ENDS
    rng: Random = field(default_factory=lambda: Random(2020))  # noqa: S311 - the demo is the same everywhere
    system: Actor = field(default_factory=lambda: Actor.system("演示数据"))

    def scaled(self, number: int) -> int:
        return max(1, round(number * self.size))

    def reached(self, day: date) -> bool:
        """Whether what happens on `day` is to be played."""
        return day <= self.until

    def at(self, day: date, hour: int = 9) -> datetime:
        """Make it `hour` o'clock of `day` in Asia/Shanghai; return that moment."""
        moment = timezone.make_aware(datetime.combine(day, time(hour)))
        clock.move_demo(moment)
        return moment


@dataclass(frozen=True)
class Stage:
    order: int
    label: str
    run: Callable[[Demo], None]
    year: bool = False


_stages: list[Stage] = []


def demo_stage(
    order: int, label: str, *, year: bool = False
) -> Callable[[Callable[[Demo], None]], Callable[[Demo], None]]:
    """Declare a function as a stage of the demo, or of the year after it."""

    def register(run: Callable[[Demo], None]) -> Callable[[Demo], None]:
        _stages.append(Stage(order, label, run, year))
        return run

    return register


def load(demo: Demo) -> None:
    """Run every app's stages in order, saying how long each took."""
    for stage in _in_order(year=False):
        _run(stage, demo)


def play(demo: Demo) -> None:
    """Run every app's stages of the year in order, each in a transaction of its own."""
    for stage in _in_order(year=True):
        with transaction.atomic():
            _run(stage, demo)


def _in_order(*, year: bool) -> list[Stage]:
    for app in our_apps():
        import_rooms(app, ["demo"])
    return sorted((each for each in _stages if each.year is year), key=lambda each: each.order)


def _run(stage: Stage, demo: Demo) -> None:
    began = perf_counter()
    stage.run(demo)
    demo.say(f"{stage.label} {perf_counter() - began:.1f} s")


def words(text: str) -> list[str]:
    """The words of a list written as one line."""
    return text.split()
