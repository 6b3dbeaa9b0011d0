"""The programme's progress on one screen: counts that lead to their rows, what is overdue, on paper too."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.papers.progress import contexts
from assessment.queries.progress import lines, total
from portal import clock
from portal.accounts.roles import Role
from programs.models import Deliverable
from programs.services.owing import owe
from tests.assessment.finished import Finished, graded_class, make_finished
from tests.programs.world import as_actor, moment, set_clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def finished(db: None, monkeypatch: pytest.MonkeyPatch) -> Finished:
    set_clock(monkeypatch, moment(10, 24))
    made = make_finished()
    set_clock(monkeypatch, moment(11, 20))
    return made


def test_people_and_classes_are_counted_from_nominated_to_results(finished: Finished) -> None:
    finished.published()
    for by in ("category", "base"):
        (line,) = [
            each for each in lines(finished.world.program, by, clock.today()) if each.counts["nominated"]
        ]
        counts = {name: line.counts[name] for name in ("nominated", "registered", "attended", "graded")}
        assert counts == {"nominated": 5, "registered": 5, "attended": 5, "graded": 5}
        assert [line.counts[name] for name in ("published", "opened", "finished", "results")] == [1, 1, 0, 1]


def test_a_district_answers_for_its_schools(finished: Finished) -> None:
    (line,) = lines(finished.world.program, "district", clock.today())
    assert (line.key, line.counts["confirmed"], line.counts["published"]) == (finished.bureau.pk, 5, 0)


def test_what_is_overdue_is_counted(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    owe([finished.training_class])
    set_clock(monkeypatch, moment(12, 31))
    program = finished.world.program
    whole = total(lines(program, "base", clock.today()), program, "base")
    assert whole.counts["overdue"] == Deliverable.objects.count() > 0


@pytest.mark.parametrize(("settled", "count"), [(Q(), 1), (Q(pk=0), 0), (None, 0)])
def test_a_class_is_settled_when_the_app_that_knows_says_so(
    finished: Finished, monkeypatch: pytest.MonkeyPatch, settled: Q | None, count: int
) -> None:
    known = {} if settled is None else {"settled": lambda rows: rows.filter(settled)}
    monkeypatch.setattr("assessment.queries.progress.class_conditions", known)
    program = finished.world.program
    assert total(lines(program, "base", clock.today()), program, "base").counts["settled"] == count


def test_the_screen_costs_the_same_for_one_class_and_for_three(
    finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, url = as_actor(finished.office), reverse("assessment:progress")

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(url).status_code == 200
        return len(counted)

    queries()
    first = queries()
    set_clock(monkeypatch, moment(10, 24))
    for number in (1, 2):
        graded_class(finished.world, finished.school, ("pass",), code="P2", name=f"班{number}")
    set_clock(monkeypatch, moment(11, 20))
    assert queries() == first


@pytest.mark.parametrize("by", ["category", "district", "base", "nonsense"])
def test_every_figure_leads_to_as_many_rows(
    finished: Finished, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    finished.published()
    owe([finished.training_class])
    set_clock(monkeypatch, moment(12, 31))
    client = as_actor(finished.world.actor(Role.PROVINCIAL_OFFICER, finished.world.city))
    page = client.get(reverse("assessment:progress"), {"by": by})
    assert page.status_code == 200
    figures = [
        (count, url) for line in [*page.context["lines"], page.context["whole"]] for count, url in line.cells
    ]
    followed = [(count, client.get(url).context["listing"].count) for count, url in figures if count and url]
    assert len(followed) >= (8 if by == "district" else 14)
    assert all(count == listed for count, listed in followed), followed
    assert all(url for count, url in figures if count)


def test_a_condition_nobody_knows_shows_nothing(finished: Finished) -> None:
    page = as_actor(finished.office).get(reverse("programs:classes"), {"having": "nonsense"})
    assert page.context["listing"].count == 0


def test_another_category_s_link_shows_nobody(finished: Finished) -> None:
    client = as_actor(finished.office)
    url = f"{reverse('enrollment:enrollments')}?category=0"
    assert finished.training_class.enrollments.all()[0].teacher.name not in client.get(url).content.decode()


def test_a_base_and_a_school_are_turned_away(finished: Finished) -> None:
    for actor in (finished.base, finished.school_admin):
        assert as_actor(actor).get(reverse("assessment:progress")).status_code == 403
        paper = reverse("assessment:progress_paper", args=[finished.world.program.pk])
        assert as_actor(actor).post(paper).status_code == 403


def test_the_paper_holds_all_three_tables(finished: Finished) -> None:
    (context,) = contexts([finished.world.program])
    assert [table["title"] for table in context["tables"]] == ["按类别", "按区县院校", "按培训基地"]
    assert context["tables"][1]["rows"][-1]["cells"][0] == 5
