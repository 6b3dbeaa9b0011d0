"""Whom the opening notice of a class is for."""

import pytest

from enrollment.plugs.opening_notice import people_of
from tests.enrollment.course import open_class
from tests.enrollment.enrolled import confirmed, registered
from tests.enrollment.support import Scene

pytestmark = pytest.mark.django_db


@pytest.mark.clause("CQ20-3.4")
def test_it_is_for_confirmed_trainees_their_schools_and_bureaus(scene: Scene) -> None:
    made = open_class(scene)
    (one,) = confirmed(scene, scene.teacher())
    registered(scene, scene.teacher(scene.other_school))
    found = [(each.organization, each.teacher) for each in people_of(made)]
    assert found == [(scene.school, one.teacher), (scene.school, None), (scene.bureau, None)]
