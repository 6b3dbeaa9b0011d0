"""What the calendar page, its sheet and the desk's strip show of a rulebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.operations.actor import Actor
from portal.rulebook import hooks
from portal.rulebook.models import Amendment, Phase, Rulebook
from portal.ui.registry import CalendarPhase

HOUR = timedelta(hours=1)
PENDING, OPEN, OVER = "pending", "open", "over"


@dataclass(frozen=True)
class Line:
    """One window at `now`: its place relative to today, and the changes made to it since publication."""

    phase: Phase
    state: str
    amendments: list[Amendment]

    @property
    def word(self) -> str:
        return {PENDING: _("未开始"), OPEN: _("进行中"), OVER: _("已截止")}[self.state]

    @property
    def tone(self) -> str:
        return {PENDING: "idle", OPEN: "ok", OVER: "idle"}[self.state]


def lines(rulebook: Rulebook, now: datetime) -> list[Line]:
    """The windows in order, with their changes. Two queries."""
    changes = list(rulebook.amendments.all())
    return [
        Line(phase, state_of(phase, now), [each for each in changes if each.target == f"phase:{phase.code}"])
        for phase in rulebook.calendar()
    ]


def state_of(phase: Phase, now: datetime) -> str:
    if phase.opens_at and now < phase.opens_at:
        return PENDING
    return OVER if phase.closes_at and now > phase.closes_at else OPEN


def current(request: HttpRequest, actor: Actor) -> Rulebook | None:
    """The rulebook the person is working in: what an app says, else the newest published one they see."""
    chosen = next((found for each in hooks.choosers() if (found := each(request))), None)
    return chosen or Rulebook.objects.visible_to(actor).published().first()


def strip(request: HttpRequest) -> Iterator[CalendarPhase]:
    """Plugged into the desk: the windows of the current rulebook."""
    actor: Actor | None = getattr(request, "actor", None)
    rulebook = current(request, actor) if actor else None
    if rulebook is None or not rulebook.is_published:
        return
    url = reverse("rulebook:calendar", args=[rulebook.pk])
    for phase in rulebook.calendar():
        yield CalendarPhase(
            phase.name, phase.opens_at, phase.closes_at, f"{url}#{phase.code}", phase.citation
        )


def quick_moments(phases: Iterable[Phase]) -> list[tuple[str, datetime]]:
    """Times worth walking to in a demo: an hour after each window begins, before it ends, after it ended."""
    found: dict[datetime, str] = {}
    for phase in phases:
        if phase.opens_at:
            found.setdefault(phase.opens_at + HOUR, _("“%(phase)s”开始后1小时") % {"phase": phase.name})
        if phase.closes_at:
            found.setdefault(phase.closes_at - HOUR, _("“%(phase)s”截止前1小时") % {"phase": phase.name})
            found.setdefault(phase.closes_at + HOUR, _("“%(phase)s”截止后1小时") % {"phase": phase.name})
    return [(found[moment], moment) for moment in sorted(found)]
