"""Long work that may be killed, delivered twice, stopped and repeated."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.errors import WrongState
from portal.jobs import running, services
from portal.jobs.kinds import job_kind, kind_of
from portal.jobs.models import Job, JobState
from portal.jobs.running import SILENCE
from portal.jobs.tasks import run_job, sweep_jobs
from portal.messages.models import Message
from portal.operations.actor import Actor
from tests.factories import make_actor
from tests.jobs import kinds

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(hours=1)


class Killed(BaseException):
    """Ends the worker at that very line, as kill -9 does."""


@pytest.fixture
def me() -> Actor:
    return make_actor(Role.BUREAU_CLERK)


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The jobs handed to the broker, in order."""
    sent: list[int] = []
    monkeypatch.setattr(run_job, "delay", sent.append)
    return sent


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "lines"


def start(me: Actor, target: Path, units: int = 5) -> Job:
    return services.start_job(me, "tests.lines", file=str(target), units=units)


def silence(job: Job, **fields: Any) -> None:
    """Make the job look as if its worker had died long ago."""
    past = timezone.now() - LONG_AGO
    Job.objects.filter(pk=job.pk).update(heartbeat_at=past, handed_at=past, **fields)


def die_after(monkeypatch: pytest.MonkeyPatch, units: int) -> None:
    advance = running.Run.advance

    def dying(run: running.Run, done: int, total: int) -> None:
        advance(run, done, total)
        if done == units:
            raise Killed

    monkeypatch.setattr(running.Run, "advance", dying)


def test_a_job_is_handed_over_after_the_commit_and_done(
    me: Actor, target: Path, handed: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = start(me, target)
        assert handed == []
    assert handed == [job.pk]
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.result_url, job.attempts) == ("done", 5, 5, "/result/", 1)
    assert (job.title, job.owner, job.organization) == ("写行", me.user, me.organization)
    assert target.read_text().split() == ["0", "1", "2", "3", "4"]


def test_a_broker_that_is_away_loses_nothing(
    me: Actor, target: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def away(_key: int) -> None:
        raise ConnectionError

    monkeypatch.setattr(run_job, "delay", away)
    with django_capture_on_commit_callbacks() as callbacks:
        job = start(me, target)
    with pytest.raises(ConnectionError):
        callbacks[0]()
    silence(job)
    handed: list[int] = []
    monkeypatch.setattr(run_job, "delay", handed.append)
    with django_capture_on_commit_callbacks(execute=True):
        sweep_jobs()
    assert handed == [job.pk]


def test_the_system_owns_no_job() -> None:
    with pytest.raises(ValueError, match="person"):
        services.start_job(Actor.system("worker"), "tests.lines")


def test_delivered_twice_the_work_is_done_once(me: Actor, target: Path) -> None:
    job = start(me, target)
    run_job(job.pk)
    run_job(job.pk)
    job.refresh_from_db()
    assert (len(target.read_text().split()), job.attempts) == (5, 1)


def test_a_second_delivery_while_it_runs_does_nothing(me: Actor, target: Path) -> None:
    job = start(me, target)
    running._claim(job.pk)
    run_job(job.pk)
    assert not target.exists()


def test_killed_in_the_middle_it_goes_on_where_it_was(
    me: Actor,
    target: Path,
    handed: list[int],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    job = start(me, target)
    with monkeypatch.context() as patch:
        die_after(patch, 2)
        with pytest.raises(Killed):
            run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == ("running", 2)
    silence(job)
    with django_capture_on_commit_callbacks(execute=True):
        assert services.sweep() == [job.pk]
    run_job(handed[-1])
    job.refresh_from_db()
    assert (job.state, job.attempts, job.done_before) == ("done", 2, 2)
    assert target.read_text().split() == ["0", "1", "2", "3", "4"]


def test_a_live_job_is_not_swept_and_a_dead_one_once_in_a_while(me: Actor, target: Path) -> None:
    job = start(me, target)
    running._claim(job.pk)
    assert services.sweep() == []
    silence(job)
    assert services.sweep() == [job.pk]
    assert services.sweep() == []


def test_what_dies_every_time_is_ended_and_its_owner_told(me: Actor, target: Path) -> None:
    job = start(me, target)
    silence(job, state=JobState.RUNNING, attempts=services.MAX_ATTEMPTS, created_at=timezone.now() - LONG_AGO)
    assert services.sweep() == []
    job.refresh_from_db()
    assert job.state == "failed"
    assert "多次中断" in job.error
    assert Message.objects.get().title == "任务失败：写行"


def test_a_worker_taken_for_dead_stops_when_it_wakes_up(me: Actor, target: Path) -> None:
    job = start(me, target)
    slow = running._claim(job.pk)
    assert slow is not None
    silence(job)
    run_job(job.pk)
    with pytest.raises(services.Cancelled):
        running.Run(slow, me).advance(1, 5)
    running.finish(slow, JobState.FAILED, error="太晚")
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")


def test_a_refusal_is_said_in_its_own_words(me: Actor) -> None:
    job = services.start_job(me, "tests.refused")
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "名额已用完，请先申请追加。")


def test_an_unforeseen_error_gives_a_chinese_message_and_is_raised(me: Actor) -> None:
    job = services.start_job(me, "tests.broken")
    with pytest.raises(ZeroDivisionError):
        run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error.startswith("系统内部错误")
    assert str(job.pk) in job.error


@pytest.mark.parametrize("change", ["ended", "inactive"])
def test_a_job_of_someone_who_lost_the_role_is_not_done(me: Actor, target: Path, change: str) -> None:
    job = start(me, target)
    if change == "ended":
        Membership.objects.update(ended_at=timezone.now())
    else:
        type(me.user).objects.update(is_active=False)
    run_job(job.pk)
    job.refresh_from_db()
    assert "不再担任" in job.error
    assert not target.exists()


def test_its_owner_stops_a_job_before_its_next_step(
    me: Actor, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = start(me, target)
    advance = running.Run.advance

    def stopping(run: running.Run, done: int, total: int) -> None:
        advance(run, done, total)
        if done == 2:
            services.cancel(me, Job.objects.get(pk=run.job.pk))

    monkeypatch.setattr(running.Run, "advance", stopping)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, len(target.read_text().split())) == ("cancelled", 2, 3)


def test_what_cannot_be_stopped_is_said(me: Actor) -> None:
    job = services.start_job(me, "tests.firm")
    running._claim(job.pk)
    with pytest.raises(WrongState, match="进行中"):
        services.cancel(me, job)
    waiting = services.start_job(me, "tests.firm")
    assert services.cancel(me, waiting).state == "cancelled"
    with pytest.raises(WrongState, match="已取消"):
        services.cancel(me, waiting)


def test_a_stranger_stops_and_repeats_nothing(me: Actor, target: Path) -> None:
    job = start(me, target)
    stranger = make_actor(Role.BUREAU_CLERK)
    with pytest.raises(WrongState):
        services.cancel(stranger, job)
    Job.objects.update(state=JobState.FAILED)
    with pytest.raises(WrongState):
        services.retry(stranger, job)
    assert not Job.objects.visible_to(stranger).exists()
    assert not Job.objects.visible_to(Actor.system("worker")).exists()


def test_a_failed_job_is_repeated_from_where_it_was(
    me: Actor, target: Path, handed: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    job = start(me, target)
    Job.objects.update(state=JobState.FAILED, attempts=3, done=3, total=5, error="中断")
    with django_capture_on_commit_callbacks(execute=True):
        services.retry(me, job)
    assert (job.state, job.error, job.attempts) == ("waiting", "", 0)
    run_job(handed[-1])
    assert target.read_text().split() == ["3", "4"]
    job.refresh_from_db()
    with pytest.raises(WrongState, match="只有失败或已取消"):
        services.retry(me, job)


def test_only_who_may_have_gone_away_is_told_that_it_is_over(me: Actor, target: Path) -> None:
    run_job(start(me, target).pk)
    assert not Message.objects.exists()
    long = start(me, target)
    Job.objects.filter(pk=long.pk).update(created_at=timezone.now() - LONG_AGO)
    run_job(long.pk)
    message = Message.objects.get()
    assert (message.title, message.url) == ("任务已完成：写行", f"/jobs/{long.pk}/")


def test_signs_of_life_are_given_while_a_chunk_takes_long(
    me: Actor, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread cannot see this test's transaction; it is enough that it beats for this run and then ends."""
    beats: list[int] = []
    job = running._claim(start(me, target).pk)
    assert job is not None
    monkeypatch.setattr(running, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(running, "_mine", lambda each: Recorder(beats, each.run_number))
    with running._heartbeat(job):
        for _wait in range(500):
            if len(beats) >= 2:
                break
            time.sleep(0.01)
    count = len(beats)
    assert count >= 2
    time.sleep(0.05)
    assert len(beats) == count


class Recorder:
    def __init__(self, beats: list[int], run_number: int) -> None:
        self.beats, self.run_number = beats, run_number

    def update(self, **fields: Any) -> int:
        assert "heartbeat_at" in fields
        self.beats.append(self.run_number)
        return 1


@pytest.mark.parametrize(
    ("fields", "percent", "left"),
    [
        ({"state": "running", "done": 50, "total": 100, "started": 60}, 50, "约剩1分钟"),
        ({"state": "running", "done": 50, "total": 100, "done_before": 40, "started": 10}, 50, "约剩50秒"),
        ({"state": "running", "done": 40, "total": 100, "done_before": 40, "started": 10}, 40, ""),
        ({"state": "waiting", "done": 0, "total": 0}, 0, ""),
        ({"state": "done", "done": 0, "total": 0, "started": 10}, 100, ""),
    ],
)
def test_how_far_and_how_long(fields: dict[str, Any], percent: int, left: str) -> None:
    started = fields.pop("started", None)
    began = timezone.now() - timedelta(seconds=started) if started else None
    job = Job(started_at=began, **fields)
    assert (job.percent, job.time_left) == (percent, left)


def test_a_kind_is_declared_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        job_kind("tests.lines", "写行")(kinds.lines)
    assert kind_of("tests.lines").cancellable
    assert timedelta(seconds=3 * running.BEAT_SECONDS) < SILENCE
