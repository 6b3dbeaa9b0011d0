"""Pages of print runs: only for those who may see, with progress, file and cancelling."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts.roles import Role
from portal.jobs import services as jobs_services
from portal.jobs.models import Job, JobState
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.organizations.models import Organization
from portal.papers import jobs, tasks
from portal.papers.models import IssuedPaper, PaperBatch
from portal.papers.progress import progress_of, time_left
from portal.papers.services import downloading, printing, starting
from portal.papers.services.starting import print_one, print_papers
from tests.factories import BureauFactory, SchoolFactory, make_actor
from tests.papers import pdf as look
from tests.papers.conftest import CODE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("form_kind")]


@pytest.fixture
def bureau() -> Organization:
    return BureauFactory()


@pytest.fixture
def clerk(bureau: Organization) -> Actor:
    return make_actor(Role.BUREAU_CLERK, bureau)


@pytest.fixture
def schools(bureau: Organization, monkeypatch: pytest.MonkeyPatch) -> list[Organization]:
    monkeypatch.setattr(starting, "CHUNK", 2)
    return [SchoolFactory(parent=bureau, contact_name=f"甲{n}") for n in range(4)]


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Helpers are noted, not sent: each is run by the test itself."""
    sent: list[int] = []
    monkeypatch.setattr(tasks.help_print, "delay", sent.append)
    return sent


def start(clerk: Actor, schools: list[Organization]) -> PaperBatch:
    return print_papers(clerk, None, kind=CODE, subjects=[each.pk for each in schools], title="演示 批次")


def as_user(client: Client, actor: Actor) -> Client:
    assert actor.user is not None
    client.force_login(actor.user)
    return client


def status(client: Client, address: str) -> int:
    """The answer's status; a file that would have been sent is closed."""
    response: Any = client.get(address)
    close_file(response)
    return int(response.status_code)


def close_file(response: Any) -> None:
    """What a server does at the end of an answer; `close()` would end the test's database connection too."""
    for close in response._resource_closers:
        close()


def test_a_job_prints_the_run_and_points_to_it(
    clerk: Actor, schools: list[Organization], queued: list[int]
) -> None:
    batch = start(clerk, schools)
    assert batch.job is not None
    jobs_services.run(batch.job.pk)
    batch.job.refresh_from_db()
    assert (batch.job.state, batch.job.done, batch.job.total) == (JobState.DONE, 4, 4)
    assert batch.job.result_url == batch.get_absolute_url()
    assert queued == [batch.pk]
    batch.refresh_from_db()
    assert len(look.texts(downloading.result(batch).read_bytes())) == 4


def test_a_job_delivered_twice_prints_once(
    clerk: Actor, schools: list[Organization], queued: list[int]
) -> None:
    batch = start(clerk, schools)
    assert batch.job is not None
    jobs_services.run(batch.job.pk)
    finished = PaperBatch.objects.get().finished_at
    Job.objects.update(state=JobState.WAITING)
    jobs_services.run(batch.job.pk)
    assert PaperBatch.objects.get().finished_at == finished
    assert IssuedPaper.objects.count() == 4


def test_a_job_whose_worker_died_is_finished_by_the_next(
    clerk: Actor, schools: list[Organization], queued: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = start(clerk, schools)
    assert batch.job is not None
    real = printing.render_chunk

    def dies(batch_id: int, index: int) -> bool:
        if index == 1:
            raise SystemExit
        return real(batch_id, index)

    with monkeypatch.context() as patch:
        patch.setattr(printing, "render_chunk", dies)
        with pytest.raises(SystemExit):
            jobs_services.run(batch.job.pk)
    assert printing.progress(batch.pk) == (2, 4)
    Job.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    batch.chunks.filter(index=1).update(leased_until=timezone.now() - timedelta(seconds=1))
    jobs_services.run(batch.job.pk)
    batch.refresh_from_db()
    pages = look.texts(downloading.result(batch).read_bytes())
    assert [f"甲{n}" in page for n, page in enumerate(pages)] == [True] * 4


def test_a_helper_prints_chunk_by_chunk_until_none_is_free(
    clerk: Actor, schools: list[Organization], queued: list[int]
) -> None:
    batch = start(clerk, schools)
    Job.objects.update(state=JobState.RUNNING)
    tasks.help_print(batch.pk)
    assert (printing.progress(batch.pk), queued) == ((2, 4), [batch.pk])
    tasks.help_print(batch.pk)
    tasks.help_print(batch.pk)
    assert (printing.progress(batch.pk), queued) == ((4, 4), [batch.pk] * 2)


def test_the_job_waits_for_a_helpers_last_chunk(
    clerk: Actor, schools: list[Organization], queued: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = start(clerk, schools)
    assert batch.job is not None
    batch.chunks.filter(index=1).update(leased_until=timezone.now() + timedelta(hours=1))
    naps: list[float] = []

    def helper_finishes(seconds: float) -> None:
        naps.append(seconds)
        printing.render_chunk(batch.pk, 1)

    monkeypatch.setattr(jobs.time, "sleep", helper_finishes)
    jobs_services.run(batch.job.pk)
    assert naps == [jobs.POLL_SECONDS]
    assert PaperBatch.objects.get().finished_at is not None


def test_a_cancelled_run_is_printed_no_further(
    clerk: Actor, schools: list[Organization], queued: list[int]
) -> None:
    batch = start(clerk, schools)
    assert batch.job is not None
    Job.objects.update(state=JobState.RUNNING)
    printing.print_free_chunk(batch.pk)
    jobs_services.cancel(clerk, batch.job)
    assert not printing.print_free_chunk(batch.pk)
    assert printing.progress(batch.pk) == (2, 4)


def test_the_page_of_a_finished_run_offers_the_file(
    client: Client, clerk: Actor, schools: list[Organization]
) -> None:
    batch = print_one(clerk, CODE, schools[0].pk)
    page = as_user(client, clerk).get(batch.get_absolute_url()).content.decode()
    assert f"/papers/batches/{batch.pk}/file/" in page
    assert "hx-trigger" not in page[page.index('id="batch"') :]


def test_the_page_of_a_running_one_moves_by_itself(
    client: Client, clerk: Actor, schools: list[Organization]
) -> None:
    batch = start(clerk, schools)
    as_user(client, clerk)
    whole = client.get(batch.get_absolute_url()).content.decode()
    part = client.get(batch.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert "<html" in whole
    assert "<html" not in part
    assert f'hx-get="{batch.get_absolute_url()}"' in part
    assert "取消打印" in part
    assert "/file/" not in part


def test_the_file_bears_the_runs_name(client: Client, clerk: Actor, schools: list[Organization]) -> None:
    batch = print_one(clerk, CODE, schools[0].pk)
    PaperBatch.objects.update(title="推荐表 演示/区")
    response: Any = as_user(client, clerk).get(f"/papers/batches/{batch.pk}/file/")
    assert "%E6%8E%A8%E8%8D%90%E8%A1%A8_" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]
    assert "甲0" in look.texts(b"".join(response.streaming_content))[0]
    close_file(response)
    assert AuditEntry.objects.filter(operation="papers.download", subject_id=str(batch.pk)).count() == 1


def test_one_paper_is_shown_alone(client: Client, clerk: Actor, schools: list[Organization]) -> None:
    print_one(clerk, CODE, schools[0].pk)
    paper = IssuedPaper.objects.get()
    response = as_user(client, clerk).get(f"/papers/{paper.pk}/file/")
    assert response["Content-Type"] == "application/pdf"
    assert "甲0" in look.texts(response.content)[0]
    assert AuditEntry.objects.filter(operation="papers.download_one").count() == 1


def test_a_stranger_is_sent_to_sign_in(client: Client, clerk: Actor, schools: list[Organization]) -> None:
    batch = print_one(clerk, CODE, schools[0].pk)
    for address in (batch.get_absolute_url(), f"/papers/batches/{batch.pk}/file/", "/papers/1/file/"):
        assert client.get(address).status_code == 302


def neighbours(bureau: Organization, school: Organization) -> dict[str, tuple[Actor, bool]]:
    """People beside the clerk, and whether they see what the clerk printed."""
    above = bureau.parent
    assert above is not None
    return {
        "colleague": (make_actor(Role.BUREAU_APPROVER, bureau), True),
        "authority": (make_actor(Role.PROVINCIAL_OFFICER, above), True),
        "school": (make_actor(Role.SCHOOL_ADMIN, school), False),
        "another bureau": (make_actor(Role.BUREAU_CLERK), False),
        "expert": (make_actor(Role.EXPERT, bureau), False),
        "trainee": (make_actor(Role.TRAINEE, school), False),
        "security": (make_actor(Role.SECURITY_ADMIN, above), False),
    }


def test_a_run_is_seen_by_colleagues_and_superiors_alone(
    client: Client, clerk: Actor, bureau: Organization, schools: list[Organization]
) -> None:
    batch = print_one(clerk, CODE, schools[0].pk)
    paper = IssuedPaper.objects.get()
    for who, (actor, sees) in neighbours(bureau, schools[0]).items():
        as_user(client, actor)
        expected = 200 if sees else 404
        for address in (
            batch.get_absolute_url(),
            f"/papers/batches/{batch.pk}/file/",
            f"/papers/{paper.pk}/file/",
        ):
            assert status(client, address) == expected, (who, address)
        assert (downloading.download_batch.refusal(actor, batch) is None) is sees, who


def test_the_system_sees_everything(clerk: Actor, schools: list[Organization]) -> None:
    print_one(clerk, CODE, schools[0].pk)
    assert PaperBatch.objects.visible_to(Actor.system("worker")).count() == 1


def test_cancelling_is_for_the_one_who_started(
    client: Client, clerk: Actor, schools: list[Organization]
) -> None:
    batch = start(clerk, schools)
    address = f"/papers/batches/{batch.pk}/cancel/"
    other = make_actor(Role.BUREAU_APPROVER, clerk.organization)
    assert as_user(client, other).post(address).status_code == 404
    assert as_user(client, clerk).get(address).status_code == 405
    assert as_user(client, clerk).post(address).status_code == 302
    assert Job.objects.get().state == JobState.CANCELLED
    assert "已取消" in client.get(batch.get_absolute_url()).content.decode()


def test_a_run_without_a_job_cannot_be_cancelled_but_asks_no_harm(
    client: Client, clerk: Actor, schools: list[Organization]
) -> None:
    batch = print_one(clerk, CODE, schools[0].pk)
    assert as_user(client, clerk).post(f"/papers/batches/{batch.pk}/cancel/").status_code == 302


def test_progress_is_told_in_words(clerk: Actor, schools: list[Organization]) -> None:
    batch, now = start(clerk, schools), timezone.now()
    assert batch.job is not None
    assert (progress_of(batch, now).words, progress_of(batch, now).running) == ("排队等待", True)
    Job.objects.update(state=JobState.RUNNING, started_at=now - timedelta(seconds=10))
    printing.print_free_chunk(batch.pk)
    batch = PaperBatch.objects.select_related("job").get()
    running = progress_of(batch, now)
    assert (running.words, running.done, running.total, running.left) == ("正在打印", 2, 4, "约剩10秒")
    Job.objects.update(state=JobState.FAILED, error="磁盘已满")
    failed = progress_of(PaperBatch.objects.select_related("job").get(), now)
    assert (failed.words, failed.running, failed.error) == ("打印失败", False, "磁盘已满")


def test_the_people_left_out_are_counted(
    client: Client, clerk: Actor, schools: list[Organization], queued: list[int]
) -> None:
    batch = start(clerk, schools)
    schools[3].delete()
    assert batch.job is not None
    jobs_services.run(batch.job.pk)
    assert (
        "有 1 人的记录在打印前已被删除"
        in as_user(client, clerk).get(batch.get_absolute_url()).content.decode()
    )


@pytest.mark.parametrize(
    ("done", "total", "seconds", "words"),
    [(0, 9, 5, ""), (50, 100, 61, "约剩2分钟"), (50, 100, 60, "约剩1分钟"), (100, 300, 10, "约剩20秒")],
)
def test_the_time_left_is_guessed_from_the_pace(done: int, total: int, seconds: int, words: str) -> None:
    assert time_left(done, total, timedelta(seconds=seconds)) == words
    assert time_left(done, total, None) == ""
