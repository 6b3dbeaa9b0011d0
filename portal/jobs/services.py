"""Starting, running, cancelling long work. Any of it may die at any line and be run again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.models import Membership
from portal.errors import DomainError, Text
from portal.jobs.models import Job, JobState
from portal.operations.actor import Actor

# After this long without a sign of life a job is taken to be dead and is run again.
SILENCE = timedelta(seconds=90)
MAX_ATTEMPTS = 3

JobBody = Callable[["Run"], str]


@dataclass
class Run:
    """What a job's body is given. The body returns the address of its result, or ""."""

    job: Job
    actor: Actor

    def advance(self, done: int, total: int) -> None:
        """Say how far the work is. Raises Cancelled when its owner stopped it."""
        rows = Job.objects.filter(pk=self.job.pk, state=JobState.RUNNING)
        if not rows.update(done=min(done, total), total=total, heartbeat_at=timezone.now()):
            raise Cancelled(_("任务已取消。"))


class Cancelled(DomainError):
    """The job's owner stopped it; what was finished stays."""


@dataclass(frozen=True)
class JobKind:
    code: str
    label: Text
    body: JobBody


_kinds: dict[str, JobKind] = {}


def job_kind(code: str, label: Text) -> Callable[[JobBody], JobBody]:
    """Declare the function that does the work of `code`. It must be resumable and safe to run twice."""

    def register(body: JobBody) -> JobBody:
        _kinds[code] = JobKind(code, label, body)
        return body

    return register


def start_job(actor: Actor, kind: str, *, title: str = "", **parameters: Any) -> Job:
    """Write the job and hand it to the worker after the commit; the sweep finds it if the broker is away."""
    from portal.jobs.tasks import run_job

    job = Job.objects.create(
        kind=kind,
        title=title or str(_kinds[kind].label),
        owner_id=actor.user_id,
        organization=actor.organization,
        role=actor.role or "",
        membership_id=actor.membership_id,
        parameters=parameters,
    )
    transaction.on_commit(lambda: run_job.delay(job.pk))
    return job


def run(job_id: int) -> None:
    """Do the job's work, if nobody else is doing or has done it."""
    job = _claim(job_id)
    if job is None:
        return
    try:
        url = _kinds[job.kind].body(Run(job, _actor(job)))
    except Cancelled:
        return
    except DomainError as refused:
        _finish(job, JobState.FAILED, error=str(refused.message))
    except Exception:
        _finish(
            job,
            JobState.FAILED,
            error=_("系统内部错误，已记录。请稍后重试；若仍失败，请将任务编号告知系统管理员。"),
        )
        raise
    else:
        _finish(job, JobState.DONE, result_url=url)


def cancel(actor: Actor, job: Job) -> bool:
    """Stop one's own job before its next step; what was finished stays. False when it was over already."""
    rows = Job.objects.visible_to(actor).unfinished().filter(pk=job.pk)
    return bool(rows.update(state=JobState.CANCELLED, finished_at=timezone.now()))


def sweep() -> list[int]:
    """Hand to the worker again what waits without having been started, or whose worker died."""
    from portal.jobs.tasks import run_job

    silent = timezone.now() - SILENCE
    dead = Q(state=JobState.RUNNING, heartbeat_at__lt=silent)
    Job.objects.filter(dead, attempts__gte=MAX_ATTEMPTS).update(
        state=JobState.FAILED, error=_("多次中断，已停止重试。请联系系统管理员。"), finished_at=timezone.now()
    )
    lost = Q(state=JobState.WAITING, created_at__lt=silent)
    found = list(Job.objects.filter(dead | lost).values_list("pk", flat=True)[:100])
    for job_id in found:
        run_job.delay(job_id)
    return found


def _claim(job_id: int) -> Job | None:
    now = timezone.now()
    free = Q(state=JobState.WAITING) | Q(state=JobState.RUNNING, heartbeat_at__lt=now - SILENCE)
    rows = Job.objects.filter(free, pk=job_id)
    if not rows.update(state=JobState.RUNNING, started_at=now, heartbeat_at=now, attempts=F("attempts") + 1):
        return None
    return Job.objects.select_related("owner", "organization").get(pk=job_id)


def _actor(job: Job) -> Actor:
    membership = (
        Membership.objects.current()
        .select_related("user", "organization")
        .filter(pk=job.membership_id)
        .first()
    )
    if membership is None:
        raise DomainError(_("发起人已不再担任当时的角色，任务未执行。"))
    return Actor.of(membership, request_id=f"job-{job.pk}")


def _finish(job: Job, state: JobState, *, error: str = "", result_url: str = "") -> None:
    Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(
        state=state, error=error, result_url=result_url, finished_at=timezone.now()
    )
