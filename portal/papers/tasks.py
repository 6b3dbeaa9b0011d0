"""Celery's side of printing: thin, and harmless when delivered twice."""

from __future__ import annotations

from celery import shared_task

from portal.papers.services import printing


@shared_task
def help_print(batch_id: int) -> None:
    """Print one chunk and queue again, behind whatever else waits, until none is free."""
    if printing.print_free_chunk(batch_id):
        help_print.delay(batch_id)
