"""An import batch from upload to receipt: portal.sheets.services."""

from __future__ import annotations

import stat
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone
from openpyxl import load_workbook

from portal.errors import Conflict, FileRefused, NotAllowed, WrongState
from portal.jobs.models import Job, JobState
from portal.jobs.services import run
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.organizations.models import Organization
from portal.sheets import imports, preview
from portal.sheets.imports import ImportKind, find_kind, register
from portal.sheets.models import BatchState, ImportBatch, Outcome, PreviewPage
from portal.sheets.plugs import found, waiting
from portal.sheets.services import downloading, forgetting, running, uploading
from portal.sheets.services.downloading import Copy
from tests.factories import make_actor
from tests.races import at_once
from tests.sheets.conftest import CODE, KIND, other_kind, row, upload_file
from tests.sheets.samples import TEACHERS

pytestmark = pytest.mark.usefixtures("kind", "no_worker")


def uploaded(actor: Actor, *rows: Any, **options: Any) -> ImportBatch:
    return uploading.upload(actor, None, kind=CODE, file=upload_file(*rows), **options)


def previewed(actor: Actor, *rows: Any) -> ImportBatch:
    batch = uploaded(actor, *rows)
    assert running.preview_batch(batch.pk)
    batch.refresh_from_db()
    return batch


MIXED = [row("甲", 1), row("超额", 2), row("提醒", 3), ["乙", "12", "138"], row("已有", 5)]


def taking(actor: Actor, *rows: Any) -> ImportBatch:
    return uploading.take(actor, previewed(actor, *rows))


def state_of(batch: ImportBatch) -> str:
    return ImportBatch.objects.get(pk=batch.pk).state


def test_an_upload_is_kept_under_a_random_name_for_its_owner_only(actor: Actor, tmp_path: Path) -> None:
    batch = uploaded(actor, row("甲", 1), params={"year": "2021"})
    path = Path(batch.file.path)
    assert path.is_relative_to(tmp_path)
    assert "名单" not in path.name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert batch.number == f"B{timezone.localdate():%Y%m%d}-{batch.pk:04}"
    assert (batch.original_name, batch.context, batch.state) == (
        "名单 .xlsx",
        {"year": 2021},
        BatchState.UPLOADED,
    )
    assert batch.job is not None
    entry = AuditEntry.objects.get(operation="sheets.upload")
    assert entry.after["sha256"] == batch.sha256


def test_an_upload_that_may_not_be_leaves_nothing(actor: Actor) -> None:
    with pytest.raises(NotAllowed):
        uploaded(actor, row("甲", 1), params={"for": "others"})
    with pytest.raises(FileRefused):
        uploading.upload(actor, None, kind=CODE, file=type(upload_file())("x.xlsx", b""))
    with pytest.raises(NotAllowed):
        uploaded(make_actor("trainee"), row("甲", 1))
    assert not ImportBatch.objects.exists()
    assert not Job.objects.exists()


def test_a_preview_sorts_rows_into_ready_conflict_and_error(actor: Actor) -> None:
    Organization.objects.create(kind="college", name="已有")
    batch = previewed(actor, *MIXED)
    assert (batch.ready, batch.conflict, batch.error, batch.total) == (2, 1, 2, 5)
    assert (batch.state, batch.sheet_name) == (BatchState.PREVIEWED, "Sheet1")
    ready = preview.ready_rows(batch, TEACHERS)
    assert [(each.number, each.values["name"], each.payload) for each in ready] == [
        (2, "甲", {"key": 2}),
        (4, "提醒", {"key": 7}),
    ]
    findings = preview.all_findings(batch)
    assert [each.row for each in findings] == [3, 4, 5, 5, 6]
    assert findings[0].citation is not None
    assert not Organization.objects.filter(name="甲").exists()


def test_a_preview_rests_encrypted(actor: Actor) -> None:
    previewed(actor, row("甲", 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT rows FROM sheets_previewpage")
        (text,) = cursor.fetchone()
    assert "5001031990" not in text
    assert "甲" not in text
    assert "5001031990" in PreviewPage.objects.get().rows


@pytest.mark.parametrize("count", [1, 250])
def test_preview_and_taking_cost_the_same_queries_for_any_length(
    actor: Actor, count: int, django_assert_num_queries: Any
) -> None:
    batch = uploaded(actor, *[row(f"演示{number}", number) for number in range(count)])
    with django_assert_num_queries(9):
        running.preview_batch(batch.pk)
    batch.refresh_from_db()
    uploading.take(actor, batch)
    with django_assert_num_queries(6):
        running.take_batch(batch.pk, actor)
    assert ImportBatch.objects.get(pk=batch.pk).receipt["taken"] == count


def test_a_file_that_cannot_be_taken_is_refused_with_its_reason(actor: Actor) -> None:
    batch = uploading.upload(actor, None, kind=CODE, file=upload_file(["1"], header=["无关"]))
    assert not running.preview_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.ready) == (BatchState.REFUSED, 0)
    assert "没有找到" in batch.problem


def test_a_preview_delivered_twice_is_made_once(actor: Actor) -> None:
    batch = previewed(actor, row("甲", 1))
    assert not running.preview_batch(batch.pk)
    assert PreviewPage.objects.count() == 1


def test_a_preview_killed_in_the_middle_is_made_again(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = uploaded(actor, row("甲", 1))
    monkeypatch.setattr(preview, "store", lambda batch, judged: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        running.preview_batch(batch.pk)
    assert state_of(batch) == BatchState.PARSING
    monkeypatch.undo()
    imports._kinds[CODE] = KIND
    assert running.preview_batch(batch.pk)
    assert state_of(batch) == BatchState.PREVIEWED
    del imports._kinds[CODE]


def test_a_preview_cancelled_meanwhile_stays_cancelled(actor: Actor) -> None:
    batch = uploaded(actor, row("甲", 1))

    def cancelled(done: int, total: int) -> None:
        if done:
            uploading.cancel(actor, ImportBatch.objects.get(pk=batch.pk))

    assert not running.preview_batch(batch.pk, cancelled)
    assert state_of(batch) == BatchState.CANCELLED
    assert not PreviewPage.objects.exists()


def test_taking_writes_the_ready_rows_and_a_receipt(actor: Actor) -> None:
    batch = taking(actor, *MIXED)
    assert running.take_batch(batch.pk, actor)
    batch.refresh_from_db()
    assert batch.state == BatchState.TAKEN
    assert batch.receipt == {"taken": 3, "lines": [["年度", "2020"]], "url": "/"}
    assert Organization.objects.filter(name__in=["甲", "提醒", "已有"]).count() == 3
    assert not Organization.objects.filter(name__in=["乙", "超额"]).exists()


def test_taking_delivered_twice_takes_once(actor: Actor) -> None:
    batch = taking(actor, row("甲", 1))
    assert running.take_batch(batch.pk, actor)
    assert not running.take_batch(batch.pk, actor)
    assert Organization.objects.filter(name="甲").count() == 1


def test_taking_killed_in_the_middle_leaves_nothing_and_is_resumed(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = taking(actor, row("崩溃", 1), row("甲", 2))
    with pytest.raises(RuntimeError):
        running.take_batch(batch.pk, actor)
    assert state_of(batch) == BatchState.TAKING
    assert not Organization.objects.filter(name="甲").exists()
    healthy = other_kind(take=lambda actor, batch, rows: imports.Receipt(len(rows)))
    monkeypatch.setitem(imports._kinds, CODE, healthy)
    assert running.take_batch(batch.pk, actor)
    assert state_of(batch) == BatchState.TAKEN


def test_what_is_refused_while_taking_returns_to_the_preview_with_the_reason(actor: Actor) -> None:
    batch = taking(actor, row("拒绝", 1), row("甲", 2))
    assert not running.take_batch(batch.pk, actor)
    batch.refresh_from_db()
    assert (batch.state, batch.problem) == (BatchState.PREVIEWED, "名额刚刚用完。")
    assert not Organization.objects.filter(name="甲").exists()


def test_a_second_press_is_a_conflict_and_nothing_ready_is_told(actor: Actor) -> None:
    batch = previewed(actor, row("甲", 1))
    uploading.take(actor, ImportBatch.objects.get(pk=batch.pk))
    with pytest.raises(Conflict):
        uploading.take(actor, batch)
    none_ready = previewed(actor, row("超额", 1))
    with pytest.raises(WrongState, match="没有可导入的行"):
        uploading.take(actor, none_ready)


def test_only_ones_own_organisation_may_act(actor: Actor) -> None:
    batch = previewed(actor, row("甲", 1))
    stranger = make_actor("bureau_clerk")
    for act in (uploading.take, uploading.recheck, uploading.cancel, uploading.retry, downloading.mark):
        with pytest.raises(NotAllowed):
            act(stranger, batch)
    assert not ImportBatch.objects.visible_to(stranger).exists()
    assert ImportBatch.objects.visible_to(actor).open().get() == batch
    assert ImportBatch.objects.visible_to(Actor.system("worker")).count() == 1
    assert not ImportBatch.objects.visible_to(Actor("nobody")).exists()


def test_checking_again_sees_what_changed_and_drops_the_old_marks(
    actor: Actor, django_capture_on_commit_callbacks: Any
) -> None:
    batch = previewed(actor, row("甲", 1), row("超额", 2))
    assert running.mark_batch(batch.pk)
    batch.refresh_from_db()
    old = Path(batch.marked.path)
    Organization.objects.create(kind="college", name="甲")
    with django_capture_on_commit_callbacks(execute=True):
        uploading.recheck(actor, batch)
    assert running.preview_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.ready, batch.conflict, batch.marked.name) == (0, 1, "")
    assert not old.exists()


def test_work_whose_job_failed_can_be_retried(actor: Actor) -> None:
    batch = uploaded(actor, row("甲", 1))
    with pytest.raises(WrongState, match="没有中断"):
        uploading.retry(actor, batch)
    Job.objects.update(state=JobState.FAILED)
    batch.refresh_from_db()
    before = batch.job_id
    uploading.retry(actor, batch)
    assert batch.job is not None
    assert (batch.job.kind, batch.job_id != before) == (uploading.PREVIEW_JOB, True)
    running.preview_batch(batch.pk)
    batch.refresh_from_db()
    uploading.take(actor, batch)
    Job.objects.update(state=JobState.CANCELLED)
    again = uploading.retry(actor, ImportBatch.objects.get(pk=batch.pk))
    assert again.job is not None
    assert again.job.kind == uploading.TAKE_JOB


def test_the_marked_workbook_is_made_once_and_downloads_are_audited(actor: Actor) -> None:
    batch = previewed(actor, row("超额", 2), ["乙", "12", "138"])
    assert running.mark_batch(batch.pk)
    assert not running.mark_batch(batch.pk)
    batch.refresh_from_db()
    with downloading.download(actor, batch, copy=Copy.MARKED).open("rb") as file:
        book = load_workbook(file)
    assert "超过名额" in book["Sheet1"]["A2"].comment.text
    assert "CQ20" not in book["Sheet1"]["A2"].value
    with downloading.download(actor, batch, copy=Copy.ORIGINAL).open("rb") as file:
        assert file.read(2) == b"PK"
    assert AuditEntry.objects.filter(operation="sheets.download").count() == 2
    clean = previewed(actor, row("甲", 1))
    assert not running.mark_batch(clean.pk)
    with pytest.raises(WrongState, match="尚未生成"):
        downloading.download(actor, clean, copy=Copy.MARKED)
    with pytest.raises(WrongState, match="没有需要标注"):
        downloading.mark(actor, clean)


def test_marking_killed_in_the_middle_is_done_by_the_next_delivery(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = previewed(actor, row("超额", 2))

    def killed(*_arguments: Any, **_named: Any) -> None:
        raise KeyboardInterrupt

    for place in (running, "error_workbook"), (ContentFile, "chunks"):
        with monkeypatch.context() as patch:
            patch.setattr(*place, killed)
            with pytest.raises(KeyboardInterrupt):
                running.mark_batch(batch.pk)
        assert ImportBatch.objects.get(pk=batch.pk).marked.name == ""
    assert running.mark_batch(batch.pk)
    batch.refresh_from_db()
    with downloading.download(actor, batch, copy=Copy.MARKED).open("rb") as file:
        assert "超过名额" in load_workbook(file)["Sheet1"]["A2"].comment.text


def test_a_marked_workbook_of_an_older_preview_is_dropped(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = previewed(actor, row("超额", 2))

    def meanwhile(data: bytes, findings: Any) -> bytes:
        ImportBatch.objects.filter(pk=batch.pk).update(previewed_at=timezone.now())
        return b"PK old"

    monkeypatch.setattr(running, "error_workbook", meanwhile)
    assert not running.mark_batch(batch.pk)
    assert ImportBatch.objects.get(pk=batch.pk).marked.name == ""


def test_jobs_carry_a_batch_through(actor: Actor, no_worker: list[int]) -> None:
    batch = uploaded(actor, row("甲", 1), row("超额", 2))
    assert batch.job is not None
    run(batch.job.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.PREVIEWED
    mark = Job.objects.get(kind=downloading.MARK_JOB)
    run(mark.pk)
    batch.refresh_from_db()
    assert batch.marked
    uploading.take(actor, batch)
    assert batch.job is not None
    run(batch.job.pk)
    assert state_of(batch) == BatchState.TAKEN
    assert set(Job.objects.values_list("state", "result_url")) == {
        (JobState.DONE, f"/imports/{batch.number}/")
    }


def test_a_kind_that_loses_a_row_is_a_defect(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(imports._kinds, CODE, other_kind(judge=lambda batch, rows: []))
    batch = uploaded(actor, row("甲", 1))
    with pytest.raises(ValueError, match="judged 0 of 1"):
        running.preview_batch(batch.pk)


def test_kinds_are_declared_once_and_may_depend_on_the_context(kind: ImportKind) -> None:
    assert register(kind) is kind
    with pytest.raises(ValueError, match="twice"):
        register(other_kind())
    dynamic = other_kind(sheet=lambda context: TEACHERS.without("note"))
    assert "note" not in dynamic.layout({}).by_key
    assert find_kind(CODE) is kind
    plain = ImportKind("x", "x", TEACHERS, kind.judge, kind.take)
    assert (plain.prepare(Actor("a"), {}), plain.choices({}), plain.about({})) == ({}, {}, "")


def test_what_came_to_nothing_is_forgotten_after_a_month(actor: Actor) -> None:
    stale, fresh, done = (previewed(actor, row(name, 1)) for name in ("甲", "乙", "丙"))
    uploading.take(actor, done)
    running.take_batch(done.pk, actor)
    old = timezone.now() - timedelta(days=31)
    ImportBatch.objects.exclude(pk=fresh.pk).update(created_at=old)
    path = Path(stale.file.path)
    assert forgetting.forget_old() == 1
    assert forgetting.forget_old() == 0
    assert not path.exists()
    assert state_of(stale) == BatchState.CANCELLED
    assert [page.batch_id for page in PreviewPage.objects.all()] == [fresh.pk]
    assert Path(done.file.path).exists()


def test_the_desk_and_the_search_know_a_batch(actor: Actor, django_assert_num_queries: Any) -> None:
    batch = previewed(actor, row("甲", 1))
    with django_assert_num_queries(1):
        (item,) = waiting(actor, timezone.now())
    assert batch.number in str(item.title)
    assert not list(waiting(make_actor("trainee"), timezone.now()))
    assert [hit.title for hit in found(actor, batch.number[:6].lower())] == [batch.number]
    assert not list(found(actor, "北碚"))
    assert not list(found(make_actor("bureau_clerk"), batch.number))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("guarded", "times"), [(True, 1), (False, 2)])
def test_two_workers_take_one_batch_once(
    actor: Actor, monkeypatch: pytest.MonkeyPatch, guarded: bool, times: int
) -> None:
    """The control takes the lock away, and the rows are taken twice."""
    batch = taking(actor, row("甲", 1))
    taken: list[int] = []

    def slow_take(actor: Actor, batch: ImportBatch, rows: Any) -> imports.Receipt:
        time.sleep(0.4)
        taken.append(len(rows))
        return imports.Receipt(len(rows))

    monkeypatch.setitem(imports._kinds, CODE, other_kind(take=slow_take))
    if not guarded:
        monkeypatch.setattr("django.db.models.query.QuerySet.select_for_update", lambda rows, **options: rows)

    work = partial(running.take_batch, batch.pk, actor)
    assert all(isinstance(each, bool | Conflict | WrongState) for each in at_once(work, work))
    assert sum(bool(count) for count in taken) == times
    assert state_of(batch) == BatchState.TAKEN


def test_outcomes_are_words() -> None:
    assert [str(outcome.label) for outcome in Outcome] == ["可导入", "有冲突", "有错误"]
    assert str(ImportBatch(number="B1")) == "B1"
    assert str(PreviewPage(batch_id=1, outcome="ready", number=2)) == "1 ready 2"
