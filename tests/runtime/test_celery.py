import subprocess
from pathlib import Path

from portal.celery import app, periodic
from portal.runtime.children import wait_until


def test_periodic_work_is_on_the_schedule_of_beat_and_never_piles_up() -> None:
    before = dict(app.conf.beat_schedule)

    def sweep() -> str:
        return "swept"

    task = periodic(seconds=30)(sweep)
    name = f"{__name__}.sweep"
    entry = app.conf.beat_schedule[name]
    app.conf.beat_schedule = before
    assert entry == {"task": name, "schedule": 30, "options": {"expires": 30}}
    assert task() == "swept"


def test_every_task_on_the_schedule_exists() -> None:
    app.loader.import_default_modules()
    app.autodiscover_tasks(force=True)
    assert app.conf.beat_schedule
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_a_task_that_is_sent_is_done_by_the_worker(worker: subprocess.Popen[bytes], tmp_path: Path) -> None:
    name = min(entry["task"] for entry in app.conf.beat_schedule.values())
    sent = app.send_task(name)
    done = f"Task {name}[{sent.id}] succeeded".encode()
    log = tmp_path / "worker.log"
    assert wait_until(lambda: done in log.read_bytes(), 30), log.read_text()
    assert worker.poll() is None
