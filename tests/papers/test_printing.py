"""Print runs: each paper once, in order, whatever is killed or delivered twice."""

import io
import zipfile
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.accounts.roles import Role
from portal.errors import Conflict, DomainError, Invalid, NotAllowed, WrongState
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.organizations.models import Organization
from portal.papers import files
from portal.papers.models import IssuedPaper, Layout, PaperBatch, PaperChunk, PaperEntry, PaperState
from portal.papers.render import render_html
from portal.papers.services import assembling, downloading, issuing, printing, starting
from portal.papers.services.starting import print_one, print_papers
from tests.factories import BureauFactory, SchoolFactory, make_actor
from tests.papers import pdf as look
from tests.papers.conftest import CODE
from tests.races import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("form_kind")]


@pytest.fixture
def bureau() -> Organization:
    return BureauFactory()


@pytest.fixture
def clerk(bureau: Organization) -> Actor:
    return make_actor(Role.BUREAU_CLERK, bureau)


@pytest.fixture
def schools(bureau: Organization, monkeypatch: pytest.MonkeyPatch) -> list[Organization]:
    """Seven schools of the bureau, each with its own contact; runs are cut into chunks of three."""
    monkeypatch.setattr(starting, "CHUNK", 3)
    names = ("甲一", "乙二", "丙三", "赵䶮", "孙𬱖", "己六", "庚七")
    return [SchoolFactory(parent=bureau, contact_name=name, address="演示路1号") for name in names]


def start(actor: Actor, subjects: list[Organization], **options: Any) -> PaperBatch:
    options.setdefault("at_once", True)
    return print_papers(actor, None, kind=CODE, subjects=[each.pk for each in subjects], **options)


def finish(batch: PaperBatch) -> PaperBatch:
    while printing.print_free_chunk(batch.pk):
        pass
    return assembling.assemble(batch.pk)


def names_in(batch: PaperBatch, subjects: list[Organization]) -> list[str]:
    """Whose paper each page of the finished book is."""
    pages = look.texts(downloading.result(batch).read_bytes())
    return [next(each.contact_name for each in subjects if each.contact_name in page) for page in pages]


def test_a_book_holds_each_paper_once_in_order(clerk: Actor, schools: list[Organization]) -> None:
    batch = finish(start(clerk, schools))
    assert names_in(batch, schools) == [each.contact_name for each in schools]
    assert (batch.pages, batch.total, printing.progress(batch.pk)) == (7, 7, (7, 7))
    assert list(batch.chunks.values_list("size", flat=True)) == [3, 3, 1]
    assert IssuedPaper.objects.filter(state=PaperState.VALID).count() == 7


def test_each_paper_bears_its_own_code(clerk: Actor, schools: list[Organization]) -> None:
    batch = finish(start(clerk, schools[:2]))
    pages = look.texts(downloading.result(batch).read_bytes())
    for page, school in zip(pages, schools, strict=False):
        code = IssuedPaper.objects.get(subject_id=school.pk).code
        assert "-".join(code[at : at + 4] for at in range(0, 16, 4)) in page


def test_copies_of_one_paper_stand_together(clerk: Actor, schools: list[Organization]) -> None:
    batch = finish(start(clerk, schools[:2], copies=3))
    assert names_in(batch, schools) == ["甲一"] * 3 + ["乙二"] * 3
    assert batch.pages == 6


def test_papers_of_two_pages_are_copied_whole(tmp_path: Path) -> None:
    """Pages 1, 2, 1, 2: not 1, 1, 2, 2."""
    two = render_html("<html lang=zh><p>甲</p><p style='break-before: page'>乙</p>")
    (tmp_path / "two.pdf").write_bytes(two)
    out = io.BytesIO()
    files.write_copies(out, [(tmp_path / "two.pdf", [(0, 2)])], 2)
    assert [text[0] for text in look.texts(out.getvalue())] == ["甲", "乙", "甲", "乙"]
    assert len(out.getvalue()) < 1.2 * len(two)


def test_a_zip_holds_one_file_a_person(clerk: Actor, schools: list[Organization]) -> None:
    batch = finish(start(clerk, schools[:4], layout=Layout.FILES))
    with zipfile.ZipFile(downloading.result(batch)) as archive:
        assert archive.namelist() == ["0001 甲一.pdf", "0002 乙二.pdf", "0003 丙三.pdf", "0004 赵䶮.pdf"]
        assert "丙三" in look.texts(archive.read("0003 丙三.pdf"))[0]


def test_a_name_cannot_climb_out_of_the_zip(clerk: Actor, schools: list[Organization]) -> None:
    Organization.objects.filter(pk=schools[0].pk).update(contact_name="../../etc")
    batch = finish(start(clerk, schools[:1], layout=Layout.FILES))
    with zipfile.ZipFile(downloading.result(batch)) as archive:
        assert archive.namelist() == ["0001 .._.._etc.pdf"]


@pytest.mark.parametrize("layout", Layout)
def test_any_paper_can_be_taken_out_alone(clerk: Actor, schools: list[Organization], layout: Layout) -> None:
    finish(start(clerk, schools[:4], layout=layout))
    for school in schools[:4]:
        pages = look.texts(downloading.paper_pdf(IssuedPaper.objects.get(subject_id=school.pk)))
        assert len(pages) == 1
        assert school.contact_name in pages[0]


def test_people_asked_for_twice_are_printed_once(clerk: Actor, schools: list[Organization]) -> None:
    assert start(clerk, [schools[0], schools[0]]).total == 1


def test_a_run_killed_in_the_middle_goes_on_where_it_stopped(
    clerk: Actor, schools: list[Organization], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the second chunk's file was written and before its rows were."""
    batch = start(clerk, schools)
    printing.print_free_chunk(batch.pk)
    first = assembling.chunk_path(batch.chunks.select_related("batch").get(index=0))
    before = first.stat().st_mtime_ns

    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(printing, "_settle", killed)
        with pytest.raises(KeyboardInterrupt):
            printing.print_free_chunk(batch.pk)
    assert printing.progress(batch.pk) == (3, 7)
    PaperChunk.objects.filter(batch=batch).update(leased_until=timezone.now() - timedelta(seconds=1))
    batch = finish(batch)
    assert names_in(batch, schools) == [each.contact_name for each in schools]
    assert IssuedPaper.objects.count() == 7
    assert first.stat().st_mtime_ns == before


def test_a_run_killed_between_file_and_commit_prints_that_chunk_again(
    clerk: Actor, schools: list[Organization], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = start(clerk, schools[:3])
    replace = Path.replace

    def killed(self: Path, target: Path) -> None:
        replace(self, target)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            printing.render_chunk(batch.pk, 0)
    assert not IssuedPaper.objects.filter(state=PaperState.VALID).exists()
    printing.render_chunk(batch.pk, 0)
    assert names_in(assembling.assemble(batch.pk), schools) == ["甲一", "乙二", "丙三"]


def test_a_chunk_delivered_twice_changes_nothing(clerk: Actor, schools: list[Organization]) -> None:
    batch = start(clerk, schools[:3])
    assert printing.render_chunk(batch.pk, 0)
    chunk = batch.chunks.select_related("batch").get()
    before = (chunk.sha256, chunk.done_at, assembling.chunk_path(chunk).stat().st_mtime_ns)
    assert not printing.render_chunk(batch.pk, 0)
    chunk = batch.chunks.select_related("batch").get()
    assert (chunk.sha256, chunk.done_at, assembling.chunk_path(chunk).stat().st_mtime_ns) == before
    assert IssuedPaper.objects.count() == 3


def test_a_chunk_printed_meanwhile_by_another_is_not_overwritten(
    clerk: Actor, schools: list[Organization], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = start(clerk, schools[:3])
    settle = printing._settle

    def overtaken(*args: Any) -> bool:
        monkeypatch.setattr(printing, "_settle", settle)
        assert printing.render_chunk(batch.pk, 0)
        return settle(*args)

    monkeypatch.setattr(printing, "_settle", overtaken)
    assert not printing.render_chunk(batch.pk, 0)
    chunk = batch.chunks.select_related("batch").get()
    assert files.sha256(assembling.chunk_path(chunk)) == chunk.sha256
    assert not list(files.folder(batch).glob(".*"))
    assert IssuedPaper.objects.count() == 3


def test_a_run_joined_twice_is_joined_once(
    clerk: Actor, schools: list[Organization], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = start(clerk, schools[:1])
    printing.render_chunk(batch.pk, 0)
    settle = assembling._settle

    def overtaken(*args: Any) -> PaperBatch:
        monkeypatch.setattr(assembling, "_settle", settle)
        assembling.assemble(batch.pk)
        return settle(*args)

    monkeypatch.setattr(assembling, "_settle", overtaken)
    joined = assembling.assemble(batch.pk)
    assert assembling.assemble(batch.pk).finished_at == joined.finished_at
    assert downloading.result(joined).exists()
    assert not list(files.folder(batch).glob(".*"))


def test_a_chunk_is_claimed_by_one_worker_until_its_lease_ends(
    clerk: Actor, schools: list[Organization]
) -> None:
    batch = start(clerk, schools)
    assert [printing.claim(batch.pk) for _ in range(4)] == [0, 1, 2, None]
    batch.chunks.filter(index=1).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert [printing.claim(batch.pk) for _ in range(2)] == [1, None]


def test_a_failed_chunk_is_given_back_at_once(
    clerk: Actor, schools: list[Organization], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = start(clerk, schools[:1])

    def fails(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(printing, "render_chunk", fails)
    with pytest.raises(OSError, match="disk full"):
        printing.print_free_chunk(batch.pk)
    assert printing.claim(batch.pk) == 0


def test_the_number_of_queries_of_a_chunk_does_not_grow(
    clerk: Actor, schools: list[Organization], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one, three = start(clerk, schools[:1]), start(clerk, schools[1:4])
    for batch in (one, three):
        with django_assert_num_queries(14):
            printing.render_chunk(batch.pk, 0)


def test_a_person_gone_before_printing_is_left_out(clerk: Actor, schools: list[Organization]) -> None:
    batch = start(clerk, schools[:2])
    schools[0].delete()
    batch = finish(batch)
    assert names_in(batch, schools) == ["乙二"]
    assert PaperEntry.objects.filter(chunk__batch=batch, pages=0).count() == 1


@pytest.mark.parametrize("layout", Layout)
def test_a_chunk_of_nobody_leaves_the_rest_whole(
    clerk: Actor, schools: list[Organization], layout: Layout
) -> None:
    batch = start(clerk, schools[:4], layout=layout)
    Organization.objects.filter(pk__in=[each.pk for each in schools[:3]]).delete()
    batch = finish(batch)
    assert "赵䶮" in look.texts(downloading.paper_pdf(IssuedPaper.objects.get()))[0]


def test_a_run_of_nobody_is_refused(clerk: Actor, schools: list[Organization]) -> None:
    batch = start(clerk, schools[:1])
    schools[0].delete()
    with pytest.raises(Conflict, match="没有可打印的内容"):
        finish(batch)


def test_an_unfinished_run_is_neither_joined_nor_downloaded(
    clerk: Actor, schools: list[Organization]
) -> None:
    batch = start(clerk, schools[:1])
    with pytest.raises(WrongState, match="尚未全部打印"):
        assembling.assemble(batch.pk)
    with pytest.raises(WrongState, match="还在打印"):
        downloading.result(batch)
    paper = issuing.assign(
        starting.find_kind(CODE), batch, issuing.draft(starting.find_kind(CODE), [schools[0]])
    )[0]
    with pytest.raises(WrongState, match="还在打印"):
        downloading.paper_pdf(paper)


def test_a_file_that_was_changed_is_not_given_out(clerk: Actor, schools: list[Organization]) -> None:
    batch = finish(start(clerk, schools[:1]))
    downloading.result(batch).write_bytes(b"%PDF-1.7 forged")
    with pytest.raises(DomainError, match="校验值不一致") as refused:
        downloading.result(batch)
    assert refused.value.code == "file_damaged"


def test_a_file_that_was_lost_is_not_given_out(clerk: Actor, schools: list[Organization]) -> None:
    batch = finish(start(clerk, schools[:1]))
    downloading.result(batch).unlink()
    with pytest.raises(DomainError, match="缺失"):
        downloading.result(batch)


def test_files_are_open_to_the_portal_alone(clerk: Actor, schools: list[Organization]) -> None:
    path = downloading.result(finish(start(clerk, schools[:1])))
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_one_paper_is_printed_in_the_request(clerk: Actor, schools: list[Organization]) -> None:
    batch = print_one(clerk, CODE, schools[3].pk, copies=2)
    assert names_in(batch, schools) == ["赵䶮", "赵䶮"]
    assert batch.job is None


@pytest.mark.parametrize(
    ("options", "field"),
    [({"copies": 0}, "copies"), ({"copies": 6}, "copies"), ({"copies": 2, "layout": Layout.FILES}, "copies")],
)
def test_copies_that_cannot_be_are_refused(
    clerk: Actor, schools: list[Organization], options: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        start(clerk, schools[:1], **options)
    assert refused.value.field == field
    assert not PaperBatch.objects.exists()


def test_nobody_and_too_many_are_refused(
    clerk: Actor, schools: list[Organization], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Invalid, match="没有可打印的人员"):
        start(clerk, [])
    monkeypatch.setattr(starting, "MOST_SUBJECTS", 2)
    with pytest.raises(Invalid, match="一次最多打印2份，本次共3份"):
        start(clerk, schools[:3])


def test_an_unknown_kind_is_refused(clerk: Actor) -> None:
    with pytest.raises(Invalid, match=r"没有“no\.such”这种打印文件"):
        print_papers(clerk, None, kind="no.such", subjects=[1])


def test_another_bureaus_people_are_not_printed(clerk: Actor, schools: list[Organization]) -> None:
    with pytest.raises(NotAllowed, match="所选2条记录中有1条不在您的管理范围内"):
        start(clerk, [schools[0], SchoolFactory()])
    assert not PaperBatch.objects.exists()


def test_a_role_that_the_kind_does_not_name_is_refused(schools: list[Organization]) -> None:
    trainee = make_actor(Role.TRAINEE, schools[0])
    with pytest.raises(NotAllowed, match="演示推荐表"):
        start(trainee, schools[:1])


def test_the_separated_administrators_print_nothing(schools: list[Organization]) -> None:
    with pytest.raises(NotAllowed):
        start(make_actor(Role.SYSTEM_ADMIN), schools[:1])


def test_printing_is_audited_once_a_run(clerk: Actor, schools: list[Organization]) -> None:
    start(clerk, schools, copies=2)
    entry = AuditEntry.objects.get(operation="papers.print")
    assert entry.after == {"kind": CODE, "total": 7, "copies": 2, "layout": "book"}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_two_workers_never_take_the_same_chunk(
    schools: list[Organization], clerk: Actor, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The control takes the lock away: then both workers take chunk 0."""
    batch = start(clerk, schools)
    barrier = Barrier(2)
    if not guarded:
        monkeypatch.setattr(
            "portal.papers.models.PaperChunkQuerySet.select_for_update",
            lambda rows, **options: _slow(rows, barrier),
        )

    work = partial(printing.claim, batch.pk)
    taken = at_once(work, work)
    assert sorted(filter(lambda each: each is not None, taken)) == ([0, 1] if guarded else [0, 0])


def _slow(rows: Any, barrier: Barrier) -> Any:
    """Read the rows in both threads before either writes."""
    found = list(rows)
    barrier.wait(5)
    return type("Rows", (), {"first": lambda self: found[0]})()


def test_the_printed_day_is_the_business_day(
    clerk: Actor, schools: list[Organization], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.clock.now", lambda: timezone.make_aware(datetime(2020, 11, 1, 23, 30)))
    batch = start(clerk, schools[:1])
    assert batch.printed_on == date(2020, 11, 1)
    finish(batch)
    assert IssuedPaper.objects.get().issued_on == date(2020, 11, 1)
