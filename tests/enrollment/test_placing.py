"""The base puts people into classes, moves them, and is refused where a class is full, begun, or at the same time."""

from __future__ import annotations

import pytest

from enrollment.models import Enrollment
from enrollment.services.placing import place
from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed, RuleBroken
from programs.models import ClassState, TrainingClass
from tests.enrollment.course import approve, enrolled, fresh, open_class
from tests.enrollment.support import Scene
from tests.factories import make_actor
from tests.programs.world import moment, set_clock

pytestmark = [pytest.mark.django_db, pytest.mark.clause("CQ20-A1")]


def put(scene: Scene, enrollment: Enrollment, training_class: TrainingClass) -> Enrollment:
    return place(scene.world.base_admin, fresh(enrollment), training_class=training_class)


def taken() -> list[int]:
    return list(TrainingClass.objects.order_by("pk").values_list("taken", flat=True))


def test_a_trainee_is_placed_and_moved_and_each_place_is_counted_once(scene: Scene) -> None:
    (made,) = enrolled(scene)
    first, second = open_class(scene), open_class(scene, name="第二班")
    put(scene, made, first)
    assert (fresh(made).training_class, taken()) == (first, [1, 0])
    put(scene, made, first)
    assert taken() == [1, 0]
    moved = put(scene, made, second)
    assert (moved.training_class, fresh(made).training_class, taken()) == (second, second, [0, 1])


def test_a_full_class_takes_nobody(scene: Scene) -> None:
    first, second = enrolled(scene, scene.teacher(), scene.teacher())
    small = open_class(scene, capacity=1)
    put(scene, first, small)
    with pytest.raises(RuleBroken, match="已满（1人）"):
        put(scene, second, small)
    assert (taken(), fresh(second).training_class) == ([1], None)


def test_two_classes_at_once_are_refused_and_no_place_is_lost(scene: Scene) -> None:
    person = scene.teacher()
    both = [*scene.submitted(person), *scene.submitted(person, project=scene.world.project("P2"))]
    first, second = approve(scene, *both)
    one, other = open_class(scene), open_class(scene, "P2")
    put(scene, first, one)
    with pytest.raises(Conflict, match="同时进行"):
        put(scene, second, other)
    assert taken() == [1, 0]


def test_only_published_classes_of_the_project_that_have_not_begun(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = enrolled(scene)
    own, foreign = open_class(scene), open_class(scene, "P2")
    with pytest.raises(Invalid, match="本项目已发布"):
        put(scene, made, foreign)
    own.state = ClassState.DRAFT
    with pytest.raises(Invalid, match="本项目已发布"):
        put(scene, made, own)
    own.state = ClassState.PUBLISHED
    set_clock(monkeypatch, moment(11, 9, 0))
    with pytest.raises(RuleBroken, match="已开班"):
        put(scene, made, own)


def test_another_base_places_nobody(scene: Scene) -> None:
    (made,) = enrolled(scene)
    with pytest.raises(NotAllowed):
        place(make_actor(Role.BASE_ADMIN), fresh(made), training_class=open_class(scene))
