"""Celery's side of sheets."""

from __future__ import annotations

from portal.celery import periodic
from portal.sheets.services.forgetting import forget_old


@periodic(seconds=3600)
def forget_old_imports() -> int:
    """Remove, in pieces, what came to nothing a month ago; see forget_old."""
    return forget_old()
