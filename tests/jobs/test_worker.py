"""A real worker, really killed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils import timezone

from portal.accounts.roles import Role
from portal.jobs import services
from portal.jobs.models import Job
from portal.jobs.running import SILENCE
from portal.runtime.places import ROOT
from portal.runtime.processes import command
from tests.conftest import wait_for_worker
from tests.factories import make_actor
from tests.jobs import kinds

UNITS = 40


@contextmanager
def worker(env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that knows the tests' kinds of work; what is left of it at the end is killed."""
    line = [*command("worker", env), "--include", kinds.__name__]
    with log.open("wb") as output:
        process = subprocess.Popen(
            line, cwd=ROOT, env=env, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_for_worker(process, log)
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_a_worker_killed_in_the_middle_loses_and_repeats_nothing(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    me, target = make_actor(Role.BUREAU_CLERK), tmp_path / "lines"
    with worker(process_environment, tmp_path / "first.log") as first:
        job = services.start_job(me, "tests.lines", file=str(target), units=UNITS, seconds=0.1)
        wait_until(lambda: Job.objects.get(pk=job.pk).done >= 3)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait(30)
    job.refresh_from_db()
    assert (job.state, job.done < UNITS) == ("running", True)
    past = timezone.now() - 2 * SILENCE
    Job.objects.filter(pk=job.pk).update(heartbeat_at=past, handed_at=past)
    with worker(process_environment, tmp_path / "second.log"):
        assert services.sweep() == [job.pk]
        wait_until(lambda: Job.objects.get(pk=job.pk).state == "done")
    job.refresh_from_db()
    assert (job.done, job.attempts, job.result_url) == (UNITS, 2, "/result/")
    # The unit under way at the kill may have been written without having been counted: at most that one twice.
    written = [int(line) for line in target.read_text().split()]
    assert sorted(set(written)) == list(range(UNITS))
    assert len(written) <= UNITS + 1
