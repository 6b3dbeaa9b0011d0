"""Every task delivered twice, and killed before each of its writes: the second changes nothing, the next completes it."""

from __future__ import annotations

import importlib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from celery import Task
from django.conf import LazySettings

from portal.celery import app
from portal.jobs import kinds
from tests.assessment.surveyed import Surveyed, make_surveyed
from tests.enrollment.support import make_scene
from tests.programs.world import moment, set_clock
from tests.tasks.killing import Killed, everything, outcome, undone, writes
from tests.tasks.works import ELSEWHERE, WORKS, Stage, Work

pytestmark = pytest.mark.django_db
# So many places at which a work is killed, spread evenly over its writes.
PLACES = 8
app.loader.import_default_modules()


@pytest.fixture(scope="module")
def shared_stage(shared_database: None) -> Surveyed:
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, moment(10, 24))
        return make_surveyed(make_scene(seats=8))


@pytest.fixture
def stage(
    db: None, shared_stage: Surveyed, monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path
) -> Stage:
    """Tasks that a task hands out are done at once: as if the broker had been quick."""
    settings.MEDIA_ROOT = tmp_path / "files"
    set_clock(monkeypatch, moment(10, 24))

    def at_once(task: Task, args: Any = None, kwargs: Any = None, **_options: Any) -> None:
        task.run(*(args or ()), **(kwargs or {}))

    monkeypatch.setattr(Task, "apply_async", at_once)
    return Stage(deepcopy(shared_stage), monkeypatch)


def deliver(work: Work, arguments: tuple[Any, ...]) -> None:
    app.tasks[work.task](*arguments)


def test_no_task_and_no_kind_of_job_is_forgotten() -> None:
    tasks = {each for each in app.tasks if not each.startswith(("celery.", "tests."))}
    known = {each.task for each in WORKS.values()} | ELSEWHERE.keys()
    assert tasks - known == set()
    jobs = {each for each in kinds._kinds if not each.startswith("tests.")}
    assert jobs - WORKS.keys() - ELSEWHERE.keys() == set()
    assert {each.task for each in WORKS.values()} - tasks == set()


@pytest.mark.parametrize("name", [each for pair in ELSEWHERE.values() for each in pair])
def test_what_is_tested_elsewhere_is_there(name: str) -> None:
    module, _dot, function = name.rpartition(".")
    assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize("name", sorted(WORKS))
def test_delivered_twice_it_is_done_once(name: str, stage: Stage) -> None:
    work = WORKS[name]
    arguments = work.prepare(stage)
    before = everything()
    deliver(work, arguments)
    once = everything()
    assert once != before, "nothing was due: this tests nothing"
    deliver(work, arguments)
    again = everything()
    assert [key for key in again if again[key] != once[key]] == []


@pytest.mark.parametrize("name", sorted(WORKS))
def test_killed_before_any_write_the_next_delivery_completes_it(
    name: str, stage: Stage, tmp_path: Path
) -> None:
    work = WORKS[name]
    arguments = work.prepare(stage)
    with undone(tmp_path / "spare"), writes() as done:
        deliver(work, arguments)
        wanted = outcome()
    for place in range(0, len(done), -(-len(done) // PLACES) or 1):
        with undone(tmp_path / "spare"):
            with writes(dead_from=place), pytest.raises(Killed):
                deliver(work, arguments)
            work.later()
            deliver(work, arguments)
            found = outcome()
        different = {key: (wanted[key], found[key]) for key in wanted if wanted[key] != found[key]}
        assert different == {}, f"killed before write {place}: {done[place][:200]}"
