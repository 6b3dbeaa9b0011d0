"""Doing the work of a job in a worker that may die at any line.

A run claims the job by a conditional update and gives it a new `run_number`. Whatever a run writes, it writes only while its
number is the newest: a worker that was taken for dead and wakes up again finds itself superseded and stops.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Thread

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.models import Membership
from portal.errors import DomainError, NotAllowed
from portal.jobs.kinds import kind_of
from portal.jobs.models import Job, JobState
from portal.messages.outbox import Letter, post
from portal.operations.actor import Actor

# After this long without a sign of life a job is taken to be dead and is run again.
SILENCE = timedelta(seconds=90)
BEAT_SECONDS = 20.0
# A job shorter than this is watched by its owner; a longer one tells them when it is over.
WATCHED = timedelta(seconds=30)


@dataclass
class Run:
    """What a job's body is given. The body returns the address of its result, or ""."""

    job: Job
    actor: Actor

    def advance(self, done: int, total: int) -> None:
        """Say how far the work is. Raises Cancelled when its owner stopped it or another worker took it over."""
        done = min(done, total)
        if not _mine(self.job).update(done=done, total=total, heartbeat_at=timezone.now()):
            raise Cancelled(_("任务已取消。"))
        self.job.done, self.job.total = done, total


class Cancelled(DomainError):
    """The job's owner stopped it, or it runs elsewhere; what was finished stays."""


def run(job_id: int) -> None:
    """Do the job's work, if nobody else is doing or has done it. An unforeseen error is recorded and raised."""
    job = _claim(job_id)
    if job is None:
        return
    try:
        with _heartbeat(job):
            url = kind_of(job.kind).body(Run(job, _actor(job)))
    except Cancelled:
        return
    except DomainError as refused:
        finish(job, JobState.FAILED, error=str(refused.message))
    except Exception:
        message = _("系统内部错误，已记录。请稍后重试；若仍失败，请将任务编号%(number)d告知系统管理员。")
        finish(job, JobState.FAILED, error=message % {"number": job.pk})
        raise
    else:
        finish(job, JobState.DONE, result_url=url)


def finish(job: Job, state: JobState, *, error: str = "", result_url: str = "") -> None:
    """End the job, if this run is still its newest, and tell its owner when they may have gone away meanwhile."""
    now = timezone.now()
    with transaction.atomic():
        if not _mine(job).update(state=state, error=error, result_url=result_url, finished_at=now):
            return
        if now - job.created_at > WATCHED:
            post([_letter(job, state, error)])


def _letter(job: Job, state: JobState, error: str) -> Letter:
    told = _("任务已完成：%(title)s") if state == JobState.DONE else _("任务失败：%(title)s")
    address = reverse("jobs:detail", args=[job.pk])
    return Letter(
        [job.owner_id], told % {"title": job.title}, error, address, key=f"job:{job.pk}:{job.run_number}"
    )


def _claim(job_id: int) -> Job | None:
    now = timezone.now()
    free = Q(state=JobState.WAITING) | Q(state=JobState.RUNNING, heartbeat_at__lt=now - SILENCE)
    claimed = Job.objects.filter(free, pk=job_id).update(
        state=JobState.RUNNING,
        started_at=now,
        heartbeat_at=now,
        attempts=F("attempts") + 1,
        run_number=F("run_number") + 1,
        done_before=F("done"),
    )
    return Job.objects.select_related("owner", "organization").get(pk=job_id) if claimed else None


def _mine(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, state=JobState.RUNNING, run_number=job.run_number)


def _actor(job: Job) -> Actor:
    held = Membership.objects.current().filter(user__is_active=True).select_related("user", "organization")
    membership = held.filter(pk=job.membership_id or 0).first()
    if membership is None:
        raise NotAllowed(_("发起人已不再担任当时的角色，任务未执行。请由现任人员重新发起。"))
    return Actor.of(membership, request_id=f"job-{job.pk}")


@contextmanager
def _heartbeat(job: Job) -> Iterator[None]:
    """Give signs of life while the body works, however long its chunks are."""
    over = Event()
    beat = Thread(target=_beat, args=(job, over), name=f"job-{job.pk}-heartbeat", daemon=True)
    beat.start()
    try:
        yield
    finally:
        over.set()
        beat.join()


def _beat(job: Job, over: Event) -> None:
    try:
        while not over.wait(BEAT_SECONDS):
            _mine(job).update(heartbeat_at=timezone.now())
    finally:
        connection.close()
