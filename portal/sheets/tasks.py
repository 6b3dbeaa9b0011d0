"""Celery's side of sheets."""

from __future__ import annotations

from celery import shared_task

from portal.sheets.services.forgetting import forget_old


@shared_task
def forget_old_imports() -> int:
    """Nightly; see forget_old."""
    return forget_old()
