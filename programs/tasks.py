"""Celery's side of what bases owe: thin, idempotent, harmless when delivered twice."""

from __future__ import annotations

from datetime import datetime

from portal import clock
from portal.celery import periodic
from portal.operations.actor import Actor
from portal.rulebook.hooks import clock_moved
from programs.services import notices, sweeping

WORKER = Actor.system("worker")


@periodic(seconds=1800)
def sweep_deliverables() -> int:
    """Remind, mark and escalate what is owed; return how many deliverables were touched."""
    today = clock.today()
    steps = (
        (sweeping.to_remind, sweeping.remind_owed),
        (sweeping.to_mark, sweeping.mark_overdue),
        (sweeping.to_escalate, sweeping.escalate_overdue),
    )
    return sum(step(WORKER, None) for waiting, step in steps if waiting(today).exists())


@periodic(seconds=1800)
def follow_notices() -> int:
    """Send issued notices to those who came later, and remind before the class starts; return how many notices."""
    late = [each for each in sweeping.notices_to_follow() if notices.not_addressed(each)]
    for each in late:
        sweeping.extend_notice(WORKER, each)
    unread = list(sweeping.notices_to_remind(clock.today()))
    for each in unread:
        notices.remind_unread(WORKER, each, again=False)
    return len(late) + len(unread)


@clock_moved
def follow_the_clock(_now: datetime) -> None:
    """When the demo's clock moves, what beat would do within the hour happens at once."""
    sweep_deliverables.delay()
    follow_notices.delay()
