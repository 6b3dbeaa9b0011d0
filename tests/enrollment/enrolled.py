"""Trainees on the way to their confirmed seat: approved, with codes, registered, confirmed."""

from __future__ import annotations

from enrollment.models import Enrollment, RegistrationCode
from enrollment.services.codes import issue_codes
from enrollment.services.registration import Confirmation, confirm_by_base, confirm_by_office, register
from portal.people.models import Teacher
from portal.reviews.models import Verdict
from tests.enrollment.support import Scene
from tests.factories import PASSWORD
from tests.programs.world import SYSTEM


def enroll(scene: Scene, *teachers: Teacher) -> list[Enrollment]:
    """The bureau's people, approved by the office."""
    made = [
        scene.decided(each, Verdict.APPROVE) for each in scene.submitted(*(teachers or [scene.teacher()]))
    ]
    return [fresh(Enrollment.objects.get(nomination=each)) for each in made]


def fresh(enrollment: Enrollment) -> Enrollment:
    """Read anew, as a page would."""
    rows = Enrollment.objects.select_related(
        "teacher__user",
        "teacher__school",
        "school",
        "organization",
        "nomination__quota",
        "training_class",
        "project__base",
        "project__audience",
        "project__program__rulebook",
        "project__program__office__parent",
    )
    return rows.get(pk=enrollment.pk)


def issue_to(scene: Scene, enrollment: Enrollment) -> str:
    """Issue a code to one trainee as the bureau would; return it plain."""
    rows = Enrollment.objects.filter(pk=enrollment.pk)
    return issue_codes(scene.clerk, None, enrollments=rows)[enrollment.pk]


def registered(scene: Scene, *teachers: Teacher) -> list[Enrollment]:
    rows = enroll(scene, *teachers)
    issue_codes(SYSTEM, None, enrollments=Enrollment.objects.filter(pk__in=[each.pk for each in rows]))
    for each in rows:
        code = RegistrationCode.objects.get(enrollment=each, used_at=None, revoked_at=None)
        register(SYSTEM, each, code=code, password=PASSWORD)
    return [fresh(each) for each in rows]


def confirmed(scene: Scene, *teachers: Teacher) -> list[Enrollment]:
    rows = registered(scene, *teachers)
    chosen = Enrollment.objects.filter(pk__in=[each.pk for each in rows])
    confirm_by_base(scene.world.base_admin, Confirmation(chosen, scene.world.base_admin))
    confirm_by_office(scene.reviewer, Confirmation(chosen, scene.reviewer))
    return [fresh(each) for each in rows]
