"""Celery's side of the calendar: thin, and harmless when delivered twice."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task

from portal import clock
from portal.celery import periodic
from portal.rulebook.services import deadlines


@periodic(seconds=60)
def close_phases() -> None:
    """Hand each window that has ended to a task of its own, so that trouble with one does not keep the others open."""
    for phase_id in deadlines.phases_to_close(clock.now()):
        close_phase.delay(phase_id)


@shared_task
def close_phase(phase_id: int) -> None:
    deadlines.close_phase(phase_id, clock.now())


@periodic(seconds=300)
def remind_phases() -> None:
    """Hand each window with a reminder due to a task of its own."""
    for phase_id in deadlines.phases_to_remind(clock.now()):
        remind_phase.delay(phase_id)


@shared_task
def remind_phase(phase_id: int) -> None:
    deadlines.remind(phase_id, clock.now())


def follow_the_clock(_now: datetime) -> None:
    """Plugged into the demo clock: what beat would do within minutes happens at once."""
    close_phases.delay()
    remind_phases.delay()
