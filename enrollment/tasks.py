"""Celery's side of enrolment."""

from __future__ import annotations

from enrollment import code_files
from portal.celery import periodic


@periodic(seconds=3600)
def forget_code_files() -> int:
    """Remove cards and lists of codes that are older than seven days; return how many folders."""
    return code_files.forget_old()
