"""Approved people get places: the nominated class, the only one, or none for the base to place."""

from __future__ import annotations

from datetime import date

import pytest

from enrollment.models import Enrollment
from enrollment.services.enrolling import take_places
from enrollment.services.nominations import Proposal
from enrollment.services.sheets import draft_sheet, submit_sheet
from portal.people.models import Teacher
from programs.models import TrainingClass
from tests.enrollment.course import approve, enrolled, open_class
from tests.enrollment.support import Scene, pdf

pytestmark = pytest.mark.django_db


def for_class(scene: Scene, training_class: TrainingClass, *teachers: Teacher) -> list[Enrollment]:
    proposals = [Proposal(each, training_class.project, training_class) for each in teachers]
    sheet = draft_sheet(scene.clerk, scene.standing(scene.bureau), proposals=proposals)
    submit_sheet(scene.clerk, sheet, scan=pdf())
    return approve(scene, *sheet.nominations.all())


def taken(training_class: TrainingClass) -> int:
    return TrainingClass.objects.get(pk=training_class.pk).taken


def test_the_only_class_takes_everybody_and_mirrors_its_days(scene: Scene) -> None:
    only = open_class(scene)
    (made,) = enrolled(scene)
    assert made.training_class == only
    assert (made.during.lower, made.during.upper) == (date(2020, 11, 9), date(2020, 11, 19))
    assert taken(only) == 1


def test_of_several_classes_the_nominated_one_is_taken(scene: Scene) -> None:
    open_class(scene)
    second = open_class(scene, name="第二班", ends_on=date(2020, 11, 20))
    (made,) = for_class(scene, second, scene.teacher())
    (unplaced,) = enrolled(scene)
    assert (made.training_class, taken(second)) == (second, 1)
    assert (unplaced.training_class, unplaced.during) == (None, None)


def test_a_full_class_leaves_the_rest_for_the_base_in_order(scene: Scene) -> None:
    small = open_class(scene, capacity=2)
    made = enrolled(scene, *(scene.teacher() for _each in range(3)))
    assert [each.training_class for each in made] == [small, small, None]
    assert taken(small) == 2


def test_who_sits_elsewhere_at_the_time_waits_for_the_base(scene: Scene) -> None:
    """The second class was published at the same days after both nominations had been made."""
    person = scene.teacher()
    first = scene.submitted(person)
    second = scene.submitted(person, project=scene.world.project("P2"))
    open_class(scene)
    other = open_class(scene, "P2")
    (placed,), (waiting,) = approve(scene, *first), approve(scene, *second)
    assert placed.training_class is not None
    assert (waiting.training_class, taken(other)) == (None, 0)


def test_both_approved_at_once_only_one_place_is_taken(scene: Scene) -> None:
    person = scene.teacher()
    both = [*scene.submitted(person), *scene.submitted(person, project=scene.world.project("P2"))]
    open_class(scene)
    open_class(scene, "P2")
    assert [bool(each.training_class) for each in approve(scene, *both)] == [True, False]
    assert sum(TrainingClass.objects.values_list("taken", flat=True)) == 1


def test_places_are_taken_as_far_as_there_is_room(scene: Scene) -> None:
    small = open_class(scene, capacity=3)
    assert [take_places(small, 2), take_places(small, 2), take_places(small, 2)] == [2, 1, 0]
    assert taken(small) == 3
