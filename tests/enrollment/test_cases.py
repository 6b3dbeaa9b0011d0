"""What the rules are told of each candidate, gathered in four queries for any number of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enrollment.cases import Candidate, NominationCase, gather_cases
from enrollment.models import Ban
from enrollment.services.nominations import resubmit, withdraw
from portal.clock import today
from portal.errors import Conflict
from portal.people.models import Teacher
from portal.reviews.models import Review, Verdict
from tests.enrollment.course import open_class
from tests.enrollment.support import SEATS, Scene, again
from tests.factories import SchoolFactory
from tests.quotas.support import balances

pytestmark = pytest.mark.django_db


def candidate(scene: Scene, teacher: Teacher | None = None, code: str = "P1", **facts: Any) -> Candidate:
    project = scene.world.project(code)
    given = {"quota": scene.quota(project=project), **facts}
    return Candidate(teacher or scene.teacher(), project, **given)


def case_of(*candidates: Candidate) -> NominationCase:
    """The last one's case."""
    return gather_cases(candidates, today())[-1]


def test_ranks_count_the_people_who_ask_for_one_quota(scene: Scene) -> None:
    person = scene.teacher()
    rows = [
        candidate(scene, person),
        candidate(scene, person),
        candidate(scene),
        candidate(scene, code="P2"),
        candidate(scene, quota=None),
    ]
    found = gather_cases(rows, today())
    assert [each.rank for each in found] == [1, 1, 2, 1, 1]
    assert [each.repeated for each in found] == [False, True, False, False, False]
    assert [each.free_seats for each in found] == [SEATS, SEATS, SEATS, SEATS, None]


def test_a_nomination_judged_again_counts_its_own_seat_and_is_no_duplicate_of_itself(scene: Scene) -> None:
    (made,) = scene.submitted(scene.teacher())
    fresh_case = case_of(candidate(scene, made.teacher))
    assert (fresh_case.free_seats, fresh_case.duplicate_of) == (SEATS - 1, scene.bureau.label)
    judged_again = case_of(candidate(scene, made.teacher, nomination_id=made.pk))
    assert (judged_again.free_seats, judged_again.duplicate_of) == (SEATS, "")


def test_what_was_withdrawn_stands_in_nobody_s_way(scene: Scene) -> None:
    (made,) = scene.submitted(scene.teacher())
    withdraw(scene.clerk, again(made), reason="误报")
    assert case_of(candidate(scene, made.teacher)).duplicate_of == ""


@pytest.mark.clause("CQ20-3.4")
def test_a_substitute_takes_over_the_seat_and_is_held_against_the_original(scene: Scene) -> None:
    (made,) = scene.submitted(scene.teacher())
    same = case_of(candidate(scene, scene.teacher(scene.other_school), replaces=again(made)))
    assert (same.free_seats, same.replaces, same.same_organization) == (SEATS, made.teacher, True)
    assert not case_of(
        candidate(scene, scene.teacher(SchoolFactory()), replaces=again(made))
    ).same_organization


def test_classes_of_two_projects_clash_only_when_every_choice_does(scene: Scene) -> None:
    person = scene.teacher()
    scene.submitted(person)
    assert case_of(candidate(scene, person, "P2")).overlaps == ()
    theirs, mine = open_class(scene, name="甲班"), open_class(scene, "P2")
    assert case_of(candidate(scene, person, "P2")).overlaps == ("甲班",)
    assert case_of(candidate(scene, person, "P2", training_class=mine)).overlaps == ("甲班",)
    type(mine).objects.filter(pk=theirs.pk).update(ends_on=date(2020, 11, 9), starts_on=date(2020, 11, 1))
    assert case_of(candidate(scene, person, "P2")).overlaps == ("甲班",)
    type(mine).objects.filter(pk=theirs.pk).update(ends_on=date(2020, 11, 8))
    assert case_of(candidate(scene, person, "P2")).overlaps == ()


def test_earlier_rows_of_the_sheet_clash_too(scene: Scene) -> None:
    person = scene.teacher()
    open_class(scene, name="甲班")
    open_class(scene, "P2", name="乙班")
    assert case_of(candidate(scene, person), candidate(scene, person, "P2")).overlaps == ("甲班",)
    assert case_of(candidate(scene), candidate(scene, person, "P2")).overlaps == ()


@pytest.mark.parametrize(
    ("change", "barred"),
    [
        ({}, True),
        ({"until_day": date(2020, 10, 24)}, True),
        ({"until_day": date(2020, 10, 23)}, False),
        ({"from_day": date(2020, 10, 25)}, False),
        ({"levels": ["another"]}, False),
        ({"lifted_at": "2020-10-20T00:00Z"}, False),
    ],
)
def test_a_ban_bars_on_its_days_and_levels_until_it_is_lifted(
    scene: Scene, change: dict[str, Any], barred: bool
) -> None:
    person, level = scene.teacher(), scene.world.program.level
    values = {"levels": [level], "from_day": date(2020, 1, 1), "until_day": date(2021, 1, 1), **change}
    ban = Ban.objects.create(teacher=person, reason="缺训", **values)
    assert case_of(candidate(scene, person)).ban == (ban if barred else None)


def test_four_queries_for_three_and_for_thirty(scene: Scene) -> None:
    people = [scene.teacher() for _each in range(30)]
    rows = [candidate(scene, each) for each in people]
    for number in (3, 30):
        with CaptureQueriesContext(connection) as queries:
            gather_cases(rows[:number], today())
        assert len(queries) <= 4


def test_what_was_withdrawn_meanwhile_is_not_sent_again(scene: Scene) -> None:
    """An old page resubmits what a colleague took back: no review is opened for a seat that is free again."""
    (made,) = scene.submitted(scene.teacher())
    stale = scene.decided(made, Verdict.RETURN, "请核对")
    withdraw(scene.clerk, again(made), reason="不推荐了")
    with pytest.raises(Conflict, match="刚被撤回"):
        resubmit(scene.clerk, stale, note="已核对")
    assert not Review.objects.open().exists()
    assert balances(scene.quota()) == (SEATS, 0, 0)
