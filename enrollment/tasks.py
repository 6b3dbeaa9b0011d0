"""Celery's side of enrolment."""

from __future__ import annotations

from enrollment import arriving, code_files
from portal import clock
from portal.celery import periodic


@periodic(seconds=3600)
def forget_code_files() -> int:
    """Remove cards and lists of codes that are older than seven days; return how many folders."""
    return code_files.forget_old()


@periodic(seconds=600)
def close_check_ins() -> int:
    """Write down who did not come to classes whose reporting is over; return how many classes."""
    return arriving.close_all(clock.now())
