"""Starting, cancelling, repeating long work, and finding what was lost. The work itself is done in `running`."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.errors import WrongState
from portal.jobs.kinds import JobBody, JobKind, job_kind, kind_of
from portal.jobs.models import Job, JobState
from portal.jobs.running import SILENCE, Cancelled, Run, finish, run
from portal.operations.actor import Actor

__all__ = [
    "Cancelled",
    "JobBody",
    "JobKind",
    "Run",
    "cancel",
    "job_kind",
    "retry",
    "run",
    "start_job",
    "sweep",
]

MAX_ATTEMPTS = 3
SWEPT = 100


def start_job(actor: Actor, kind: str, *, title: str = "", **parameters: Any) -> Job:
    """Write the job and hand it to the worker after the commit; the sweep finds it if the broker is away.

    `actor` is a person (ValueError otherwise): the system itself has tasks instead.
    """
    if actor.user is None:
        raise ValueError("a job needs a person who owns it")
    job = Job.objects.create(
        kind=kind,
        title=(title or str(kind_of(kind).label))[:200],
        owner=actor.user,
        organization=actor.organization,
        role=actor.role or "",
        membership_id=actor.membership_id,
        parameters=parameters,
    )
    _hand_over(job.pk)
    return job


def cancel(actor: Actor, job: Job) -> Job:
    """Stop one's own job before its next step; what was finished stays.

    Raises WrongState when it is over already, or is of a kind that cannot be stopped once it runs.
    """
    waiting = Q(state=JobState.WAITING)
    stoppable = waiting | Q(state=JobState.RUNNING) if kind_of(job.kind).cancellable else waiting
    rows = Job.objects.visible_to(actor).filter(stoppable, pk=job.pk)
    stopped = rows.update(state=JobState.CANCELLED, finished_at=timezone.now())
    job.refresh_from_db()
    if not stopped:
        message = _("任务“%(title)s”现为“%(state)s”，不能取消。")
        raise WrongState(message % {"title": job.title, "state": job.get_state_display()})
    return job


def retry(actor: Actor, job: Job) -> Job:
    """Run one's own failed or cancelled job again; it goes on from what was finished. Raises WrongState otherwise."""
    rows = Job.objects.visible_to(actor).filter(pk=job.pk, state__in=[JobState.FAILED, JobState.CANCELLED])
    again = rows.update(
        state=JobState.WAITING, attempts=0, error="", finished_at=None, handed_at=timezone.now()
    )
    job.refresh_from_db()
    if not again:
        message = _("任务“%(title)s”现为“%(state)s”，只有失败或已取消的任务可以重试。")
        raise WrongState(message % {"title": job.title, "state": job.get_state_display()})
    _hand_over(job.pk)
    return job


def sweep() -> list[int]:
    """Hand to the worker again what never reached one, or whose worker died; end what died too often.

    Each is handed over at most once in SILENCE, so that a busy worker finds no pile of the same job. Returns the keys.
    """
    silent = timezone.now() - SILENCE
    dead = Q(state=JobState.RUNNING, heartbeat_at__lt=silent)
    for job in Job.objects.filter(dead, attempts__gte=MAX_ATTEMPTS)[:SWEPT]:
        finish(
            job,
            JobState.FAILED,
            error=_("任务多次中断，已停止重试。请稍后点击“重试”；若仍失败，请联系系统管理员。"),
        )
    lost = Q(state=JobState.WAITING) | dead
    due = Job.objects.filter(lost, handed_at__lt=silent).order_by("pk").values_list("pk", flat=True)[:SWEPT]
    found = [key for key in due if _take_up(key, silent)]
    for key in found:
        _hand_over(key)
    return found


def _take_up(key: int, silent: datetime) -> bool:
    return bool(Job.objects.filter(pk=key, handed_at__lt=silent).update(handed_at=timezone.now()))


def _hand_over(key: int) -> None:
    """Send the job to the broker once the transaction has committed; a broker that is away is left to the sweep."""
    from portal.jobs.tasks import run_job

    transaction.on_commit(partial(run_job.delay, key), robust=True)
