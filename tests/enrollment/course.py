"""From nominated to enrolled, coded, registered: the later half of a scene's course."""

from __future__ import annotations

from typing import Any

from enrollment.models import Enrollment, Nomination
from enrollment.services.codes import issue_codes
from enrollment.services.registration import (
    Confirmation,
    Opened,
    confirm_by_base,
    confirm_by_office,
    open_enrollment,
    register,
)
from portal import clock
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.people.models import Teacher
from portal.reviews.models import Review, Verdict
from portal.reviews.services import decide_many
from programs.models import TrainingClass
from tests.enrollment.support import Scene
from tests.factories import PASSWORD
from tests.programs.world import SYSTEM, make_class

# The window of nomination closes on 2020-10-31; classes of CLASS_VALUES begin on 2020-11-09.


def open_class(scene: Scene, code: str = "P1", **values: Any) -> TrainingClass:
    """A published class of the project."""
    return make_class(scene.world, scene.world.project(code), published=True, **values)


def approve(scene: Scene, *nominations: Nomination) -> list[Enrollment]:
    """The office approves all at once; their enrolments."""
    keys = [each.pk for each in nominations]
    decide_many(scene.reviewer, Review.objects.filter(subject_id__in=keys), verdict=Verdict.APPROVE)
    return [fresh(each) for each in Enrollment.objects.filter(nomination__in=keys).order_by("pk")]


def enrolled(scene: Scene, *teachers: Teacher) -> list[Enrollment]:
    """The bureau's people, approved by the office."""
    return approve(scene, *scene.submitted(*(teachers or (scene.teacher(),))))


def fresh(enrollment: Enrollment) -> Enrollment:
    """Read anew, as a page would."""
    rows = Enrollment.objects.select_related(
        "nomination",
        "organization",
        "school",
        "teacher__school",
        "teacher__user",
        "training_class",
        "project__base",
        "project__program__rulebook",
        "project__program__office",
    )
    return rows.get(pk=enrollment.pk)


def code_of(enrollment: Enrollment, actor: Actor = SYSTEM) -> str:
    """A new code of the enrolment; the former one ends."""
    rows = Enrollment.objects.filter(pk=enrollment.pk)
    return issue_codes(actor, None, enrollments=rows)[enrollment.pk]


def opened(code: str, teacher: Teacher, **changes: Any) -> Opened:
    """What a code and the end of the teacher's ID number open."""
    given = {"tail": teacher.id_number[-4:], "now": clock.now(), **changes}
    return open_enrollment(code, given.pop("tail"), **given)


def find(code: str, teacher: Teacher, **changes: Any) -> Enrollment:
    return opened(code, teacher, **changes).enrollment


def register_with(found: Opened, **account: Any) -> User:
    """The page that `found` opened makes the account."""
    return register(SYSTEM, found.enrollment, code=found.code, **{"password": PASSWORD, **account})


def registered(enrollment: Enrollment) -> User:
    """The trainee registers with a new code."""
    return register_with(opened(code_of(enrollment), enrollment.teacher))


def base_confirms(scene: Scene, *enrollments: Enrollment) -> int:
    actor = scene.world.base_admin
    return confirm_by_base(actor, Confirmation(rows(*enrollments), actor))


def office_confirms(scene: Scene, *enrollments: Enrollment) -> int:
    actor = scene.world.actor(Role.OFFICE_REVIEWER)
    return confirm_by_office(actor, Confirmation(rows(*enrollments), actor))


def rows(*enrollments: Enrollment) -> Any:
    return Enrollment.objects.filter(pk__in=[each.pk for each in enrollments])


def state_of(enrollment: Enrollment) -> str:
    return Enrollment.objects.values_list("state", flat=True).get(pk=enrollment.pk)
