"""The desk (工作台): what waits, the calendar around today, and the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from portal.ui import formats, registry
from portal.ui.registry import CalendarPhase, Number, WorkItem

if TYPE_CHECKING:
    from django.http import HttpRequest

    from portal.operations.actor import Actor

# How many figures a person takes in at a glance.
MOST_NUMBERS = 6
# The strip's width in its own units: per mille of the calendar's length.
SCALE = 1000


def waiting(actor: Actor, now: datetime) -> list[WorkItem]:
    """Everything that waits for the actor, the nearest due time first, what has none last."""
    items = [item for provider in registry.work_items for item in provider(actor, now) if item.count]
    return sorted(items, key=lambda item: (item.due is None, item.due, str(item.title)))


def figures(actor: Actor, now: datetime) -> list[Number]:
    """The first six numbers that apps offer this role at this time of the year; those after them are not asked for."""
    first, then = registry.numbers, registry.outcomes
    if any(has_begun(actor, now) for has_begun in registry.begun):
        first, then = then, first
    offered = (number for provider in (*first, *then) for number in provider(actor, now))
    return list(islice(offered, MOST_NUMBERS))


@dataclass(frozen=True)
class Bar:
    """One phase of the strip: where it lies (0 to SCALE), its word and tone at `now`."""

    phase: CalendarPhase
    start: int
    length: int
    words: str
    tone: str
    dates: str


@dataclass(frozen=True)
class Strip:
    bars: list[Bar]
    today: int


def strip(request: HttpRequest, now: datetime) -> Strip | None:
    """The calendar of the current programme as bars on one scale, or None when there is none."""
    phases = [phase for provider in registry.calendar for phase in provider(request)]
    known = [when for phase in phases for when in (phase.opens_at, phase.closes_at) if when]
    if not known:
        return None
    scale = _Scale(min([*known, now]) - timedelta(days=2), max([*known, now]) + timedelta(days=2))
    return Strip([_bar(phase, now, scale) for phase in phases], scale.at(now))


@dataclass(frozen=True)
class _Scale:
    first: datetime
    last: datetime

    def at(self, when: datetime) -> int:
        return round((when - self.first) / (self.last - self.first) * SCALE)


def _bar(phase: CalendarPhase, now: datetime, scale: _Scale) -> Bar:
    start = scale.at(phase.opens_at) if phase.opens_at else 0
    end = scale.at(phase.closes_at) if phase.closes_at else SCALE
    words, tone = _status(phase, now)
    return Bar(phase, start, max(end - start, 6), words, tone, _dates(phase))


def _status(phase: CalendarPhase, now: datetime) -> tuple[str, str]:
    if phase.opens_at and now < phase.opens_at:
        return _("未开始"), "idle"
    if phase.closes_at and now > phase.closes_at:
        return _("已结束"), "over"
    if phase.closes_at is None:
        return _("进行中"), "open"
    return formats.due(phase.closes_at, now).words, "open"


def _dates(phase: CalendarPhase) -> str:
    ends: Sequence[str] = [formats.day(when) if when else "" for when in (phase.opens_at, phase.closes_at)]
    return _("%(start)s 至 %(end)s") % {"start": ends[0] or _("即日"), "end": ends[1] or _("另行通知")}
