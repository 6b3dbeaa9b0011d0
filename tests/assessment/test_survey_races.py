"""One person's ballot from two devices at the same moment; beside it the control with the guard off."""

from __future__ import annotations

import pytest

from assessment.models import Ballot, Option, Question, Survey
from assessment.services import answering
from portal.errors import Conflict
from tests.assessment.surveyed import LAST_DAY, answer, make_surveyed
from tests.enrollment.support import make_scene
from tests.programs.world import moment, set_clock
from tests.races import at_once, meet_after

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def two_devices(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    set_clock(monkeypatch, moment(10, 24))
    course = make_surveyed(make_scene(seats=2), 1)
    set_clock(monkeypatch, LAST_DAY)
    survey, person = course.survey(), course.people[0]
    return at_once(lambda: answer(survey, person), lambda: answer(survey, person, 1))


@pytest.mark.clause("CQ20-3.6")
def test_one_person_has_one_ballot(monkeypatch: pytest.MonkeyPatch) -> None:
    results = two_devices(monkeypatch)
    assert [type(each) for each in results if each is not None] == [Conflict]
    assert set(Question.objects.values_list("answered", flat=True)) == {1}
    assert sum(Option.objects.values_list("count", flat=True)) == 13


def test_control_without_the_lock_one_person_counts_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(survey: Survey, ballot: Ballot) -> None:
        assert survey.ballots.filter(pk=ballot.pk, answered=False).exists()

    monkeypatch.setattr(answering, "take_ballot", look)
    meet_after(monkeypatch, answering, "take_ballot")
    monkeypatch.setattr(answering, "locked", lambda key: Survey.objects.get(pk=key))
    assert [each for each in two_devices(monkeypatch) if each is not None] == []
    assert set(Question.objects.values_list("answered", flat=True)) == {2}
