"""Celery's side of reviews."""

from __future__ import annotations

from portal import clock
from portal.celery import periodic
from portal.reviews.services import deadlines


@periodic(seconds=900)
def remind_reviewers() -> None:
    """Remind those who hold what is nearly due. Correct without it: a deadline bites by the clock."""
    deadlines.remind(clock.now())
