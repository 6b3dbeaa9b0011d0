"""Thirty people cost no more queries than three, in every act of the course that takes many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enrollment.models import Enrollment, Nomination
from enrollment.services.codes import issue_codes
from enrollment.services.nominations import nominate
from portal.accounts.roles import Role
from portal.people.models import Teacher
from portal.reviews.models import Review, Verdict
from portal.reviews.services import decide_many
from quotas.services.splitting import split
from tests.enrollment.course import base_confirms, office_confirms, open_class, rows
from tests.enrollment.support import Scene, make_scene
from tests.programs.world import SYSTEM

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 30


def counted(act: Callable[[], Any]) -> tuple[int, Any]:
    with CaptureQueriesContext(connection) as queries:
        result = act()
    return len(queries), result


def decided(scene: Scene, made: list[Nomination], role: Role) -> int:
    actor = scene.approver if role == Role.BUREAU_APPROVER else scene.reviewer
    wanted = Review.objects.filter(subject_id__in=[each.pk for each in made])
    number, tally = counted(lambda: decide_many(actor, wanted, verdict=Verdict.APPROVE))
    assert tally.decided == len(made)
    return number


def course(scene: Scene, code: str, teachers: list[Teacher]) -> dict[str, int]:
    """Queries of each act as `teachers` go from nominated to confirmed in one project."""
    counts: dict[str, int] = {}
    project = scene.world.project(code)
    proposals = scene.proposals(*teachers, project=project)
    standing = scene.standing(scene.school)
    counts["nominate"], made = counted(lambda: nominate(scene.school_admin, standing, proposals=proposals))
    counts["bureau decides"] = decided(scene, made, Role.BUREAU_APPROVER)
    counts["office decides and enrols"] = decided(scene, made, Role.OFFICE_REVIEWER)
    people = list(Enrollment.objects.filter(nomination__in=made))
    assert all(each.training_class_id for each in people)
    counts["issue codes"], codes = counted(lambda: issue_codes(SYSTEM, None, enrollments=rows(*people)))
    assert len(set(codes.values())) == len(teachers)
    rows(*people).update(state="registered")
    counts["base confirms"], confirmed = counted(lambda: base_confirms(scene, *people))
    counts["office confirms"], again = counted(lambda: office_confirms(scene, *people))
    assert confirmed == again == len(teachers)
    return counts


def test_the_number_of_queries_does_not_grow_with_the_people() -> None:
    scene = make_scene(seats=MANY + FEW)
    for code in ("P1", "P2"):
        quota = scene.quota(project=scene.world.project(code))
        split(scene.clerk, quota, seats={scene.school.pk: MANY + FEW})
        open_class(scene, code, capacity=MANY + FEW)
    people = [scene.teacher() for _each in range(1 + FEW + MANY)]
    # What is remembered from the first time on (content types, the base's and office's people) is not counted.
    course(scene, "P1", people[:1])
    few = course(scene, "P1", people[1 : 1 + FEW])
    many = course(scene, "P2", people[1 + FEW :])
    assert {act: (few[act], many[act]) for act in few if many[act] > few[act]} == {}
