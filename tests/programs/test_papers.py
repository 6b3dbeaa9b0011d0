"""The printed timetable of a class: what stands on it, who may print it, what a stranger may verify."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.urls import reverse

from portal.accounts.roles import Role
from portal.papers.models import IssuedPaper, PaperBatch
from portal.papers.services.downloading import result
from programs.papers.timetable import timetable_context, timetable_rows
from programs.services.classes import set_timetable
from tests.factories import BaseFactory
from tests.papers import pdf
from tests.programs.world import World, as_actor, lesson, make_class

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.mark.clause("CQ20-3.1")
def test_the_timetable_prints_every_lesson_by_day_on_a4(world: World) -> None:
    made = make_class(world)
    lessons = [
        lesson(day, start, start + 3, f"专题{day}{start}") for day in range(9, 19) for start in (9, 14)
    ]
    set_timetable(world.base_admin, made, lessons=lessons)
    page = reverse("programs:class", args=[made.pk])
    print_it = reverse("programs:timetable_print", args=[made.pk])
    client = as_actor(world.base_admin)
    assert print_it in client.get(page).content.decode()
    batch = PaperBatch.objects.get(pk=int(client.post(print_it)["Location"].rstrip("/").rsplit("/", 1)[-1]))
    printed = result(batch).read_bytes()
    words = "".join(pdf.texts(printed))
    assert pdf.sizes(printed) == {(210, 297)}
    for said in (
        "演示班课程表",
        "2020年职业院校教师素质提高计划",
        "11月9日",
        "星期一",
        "09:00–12:00",
        "示例大学",
        "专题1814",
    ):
        assert said in words, said
    paper = IssuedPaper.objects.get()
    assert (paper.number, paper.facts["issuer"]) == ("P1-01", world.base.name)


def test_a_draft_is_printed_by_its_base_alone_a_published_one_by_everybody_concerned(world: World) -> None:
    draft, published = make_class(world), make_class(world, published=True)
    clerk = as_actor(world.actor(Role.BUREAU_CLERK, world.bureau()))
    assert clerk.post(reverse("programs:timetable_print", args=[draft.pk])).status_code == 404
    assert clerk.post(reverse("programs:timetable_print", args=[published.pk])).status_code == 302
    neighbour = as_actor(world.actor(Role.BASE_ADMIN, BaseFactory(parent=world.city)))
    assert neighbour.post(reverse("programs:timetable_print", args=[draft.pk])).status_code == 404


def test_without_pdf_the_page_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.papers.libraries.pdf_available", lambda: False)
    made = make_class(world)
    answer = as_actor(world.base_admin).post(reverse("programs:timetable_print", args=[made.pk]), follow=True)
    assert "缺少 PDF 组件" in answer.content.decode()


def test_its_content_costs_two_queries_however_many_classes(
    world: World, django_assert_num_queries: Any
) -> None:
    for _each in range(3):
        make_class(world)
    with django_assert_num_queries(2):
        rows = timetable_context(list(timetable_rows()))
    assert [len(each["days"]) for each in rows] == [1, 1, 1]
