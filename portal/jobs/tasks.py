"""Celery's side of long work: thin, and harmless when delivered twice."""

from __future__ import annotations

from celery import shared_task

from portal.celery import periodic
from portal.jobs import services
from portal.orphans import sweep_orphans


@shared_task
def run_job(job_id: int) -> None:
    services.run(job_id)


@periodic(seconds=30)
def sweep_jobs() -> None:
    services.sweep()


@periodic(seconds=3600)
def sweep_orphaned_files() -> int:
    """Remove, in pieces, uploaded files that no record names; see sweep_orphans."""
    return sweep_orphans()
