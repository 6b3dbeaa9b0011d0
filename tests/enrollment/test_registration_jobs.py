"""Issuing many codes as long work: cards and list, killed, delivered twice, forgotten after a week. CQ20-3.3."""

import time
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from enrollment import code_files, jobs
from enrollment.code_files import CARDS, LIST, forget_old, path_of
from enrollment.codes import cleaned, code_digest
from enrollment.models import Enrollment, RegistrationCode
from enrollment.tasks import forget_code_files
from portal.errors import DomainError, Invalid, RuleBroken
from portal.jobs.models import Job, JobState
from portal.jobs.running import run
from tests.enrollment.enrolled import enroll
from tests.enrollment.support import Scene
from tests.factories import make_actor


def ask(scene: Scene) -> Job:
    return jobs.ask_for_codes(scene.clerk, Enrollment.objects.all(), title="发放")


def listed(job: Job) -> list[str]:
    """The plain codes of the list."""
    job.refresh_from_db()
    book = load_workbook(path_of(job.result["folder"], LIST))
    rows = list(book.active.iter_rows(values_only=True))  # type: ignore[union-attr]
    head = next(index for index, row in enumerate(rows) if "验证码" in row)
    place = rows[head].index("验证码")
    return [cleaned(str(row[place])) for row in rows[head + 1 :]]


def assert_one_valid_code_each(codes: list[str], people: int) -> None:
    valid = RegistrationCode.objects.filter(used_at=None, revoked_at=None)
    assert sorted(valid.values_list("digest", flat=True)) == sorted(code_digest(each) for each in codes)
    assert len(codes) == people


@pytest.mark.clause("CQ20-3.3")
def test_cards_and_list_hold_the_valid_codes(scene: Scene) -> None:
    rows = enroll(scene, scene.teacher(), scene.teacher(), scene.teacher(scene.other_school))
    job = ask(scene)
    run(job.pk)
    assert_one_valid_code_each(listed(job), 3)
    assert job.state == JobState.DONE
    pages = PdfReader(path_of(job.result["folder"], CARDS)).pages
    words = "".join(page.extract_text() for page in pages)
    assert len(pages) == 2
    assert all(each.teacher.name in words for each in rows)


@pytest.mark.clause("CQ20-3.3")
def test_a_run_killed_in_the_middle_is_run_again_and_leaves_one_valid_code_each(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    enroll(scene, scene.teacher(), scene.teacher())
    job = ask(scene)

    class Killed(BaseException):
        pass

    def die(*_args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(code_files, "write_list", die)
        with pytest.raises(Killed):
            run(job.pk)
    Job.objects.filter(pk=job.pk).update(state=JobState.WAITING)
    run(job.pk)
    assert_one_valid_code_each(listed(job), 2)


def test_a_job_delivered_twice_issues_once(scene: Scene) -> None:
    enroll(scene)
    job = ask(scene)
    run(job.pk)
    codes = listed(job)
    run(job.pk)
    assert RegistrationCode.objects.count() == 1
    assert_one_valid_code_each(codes, 1)


def test_without_anybody_waiting_no_job_is_started(scene: Scene) -> None:
    with pytest.raises(RuleBroken, match="没有待注册的学员"):
        ask(scene)
    enroll(scene)
    with pytest.raises(RuleBroken):
        jobs.ask_for_codes(make_actor("school_admin"), Enrollment.objects.all(), title="发放")
    assert not Job.objects.exists()


def test_too_many_at_once_are_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    enroll(scene, scene.teacher(), scene.teacher())
    monkeypatch.setattr(jobs, "MOST", 1)
    with pytest.raises(Invalid, match="最多"):
        ask(scene)


def test_only_its_owner_takes_the_files_and_each_time_is_audited(scene: Scene) -> None:
    enroll(scene)
    job = ask(scene)
    run(job.pk)
    job.refresh_from_db()
    assert jobs.download_codes(scene.clerk, None, job=job, file=CARDS).is_file()
    for actor, file in ((scene.approver, CARDS), (scene.clerk, "../secret")):
        with pytest.raises(Invalid):
            jobs.download_codes(actor, None, job=job, file=file)


def test_files_are_forgotten_after_seven_days(scene: Scene) -> None:
    enroll(scene)
    job = ask(scene)
    run(job.pk)
    job.refresh_from_db()
    assert forget_code_files() == 0
    assert forget_old(time.time() + 8 * 24 * 3600) == 1
    with pytest.raises(DomainError, match="7天"):
        jobs.download_codes(scene.clerk, None, job=job, file=LIST)
