"""Celery's side of long work: thin, and harmless when delivered twice."""

from __future__ import annotations

from celery import shared_task

from portal.celery import periodic
from portal.jobs import services


@shared_task
def run_job(job_id: int) -> None:
    services.run(job_id)


@periodic(seconds=30)
def sweep_jobs() -> None:
    services.sweep()
