"""Where the apps plug in what happens when a notice is loaded, a window closes or nears its end, or the clock moves.

@on_phase_closed("eligibility_review")
def lapse_open_reviews(phase: Phase, now: datetime) -> None: ...

@reminds("nomination")
def bureaus_that_have_not_submitted(phase: Phase, now: datetime) -> Iterable[Reminder]: ...
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from portal.errors import Text

if TYPE_CHECKING:
    from django.http import HttpRequest

    from portal.operations.act import Act
    from portal.rulebook.models import Phase, Rulebook


@dataclass(frozen=True)
class Reminder:
    """Whom to tell what they still have to do; `recipients` are keys of users."""

    recipients: Sequence[int]
    title: Text
    body: Text = ""
    url: str = ""


F = TypeVar("F")
Closer = Callable[["Phase", datetime], None]
Reminding = Callable[["Phase", datetime], Iterable[Reminder]]
Loaded = Callable[["Act", "Rulebook", dict[str, Any]], None]
ClockMoved = Callable[[datetime], None]
Chooser = Callable[["HttpRequest"], "Rulebook | None"]

_closers: dict[str, list[Closer]] = defaultdict(list)
_reminding: dict[str, list[Reminding]] = defaultdict(list)
_loaded: list[Loaded] = []
_clock_moved: list[ClockMoved] = []
_choosers: list[Chooser] = []


def on_phase_closed(code: str) -> Callable[[Closer], Closer]:
    """Call the function once, in the worker, after a published phase `code` has closed.

    It runs in the transaction that marks the phase, so it must not send anything outside; what it raises undoes both,
    and the next sweep tries again.
    """
    return lambda function: _plug(_closers[code], function)


def closers(code: str) -> list[Closer]:
    return list(_closers[code])


def reminds(code: str) -> Callable[[Reminding], Reminding]:
    """Ask the function, before and at the deadline of phase `code`, who has not done what."""
    return lambda function: _plug(_reminding[code], function)


def reminding(code: str) -> list[Reminding]:
    return list(_reminding[code])


def rulebook_loaded(function: Loaded) -> Loaded:
    """Call `function(act, rulebook, program)` while a notice is loaded, before the plugged sections.

    `program` is the file's [program] table. It must be idempotent.
    """
    return _plug(_loaded, function)


def loaded() -> list[Loaded]:
    return list(_loaded)


def clock_moved(function: ClockMoved) -> ClockMoved:
    """Call `function(now)` after the demo's clock was moved and the move is committed."""
    return _plug(_clock_moved, function)


def after_clock_moved() -> list[ClockMoved]:
    return list(_clock_moved)


def chooses_rulebook(function: Chooser) -> Chooser:
    """Let `function(request)` say the rulebook, one that the person sees, in which they are working, or None."""
    return _plug(_choosers, function)


def choosers() -> list[Chooser]:
    return list(_choosers)


def _plug(plugged: list[F], function: F) -> F:
    if function not in plugged:
        plugged.append(function)
    return function
