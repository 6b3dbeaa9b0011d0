"""The demo's rosters before its classes start: a few people of each class registered and confirmed in the window."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from django.db.models import QuerySet
from django.test.utils import override_settings

from enrollment.demo.nominations import person
from enrollment.models import Enrollment, EnrollmentState, RegistrationCode
from enrollment.services.codes import issue_codes
from enrollment.services.placing import place
from enrollment.services.registration import Confirmation, confirm_by_base, confirm_by_office, register
from portal.accounts.passwords import temporary_password
from portal.accounts.roles import Role
from portal.organizations.models import Organization
from portal.people.completeness import completeness
from portal.runtime.demo import Demo, demo_stage
from programs.demo.year import keeper_of
from programs.models import ClassState, Project

DAY = date(2020, 10, 30)
# Enough that one excellent grade is within a fifth.
PER_CLASS = 5
# Nobody is told these people's passwords: the slow hash of each would take longer than the rest of the year, and one
# that the portal's own hashers do not know lets nobody in.
NOT_FOR_SIGNING_IN = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@demo_stage(90, "演示班级名单", year=True)
def fill_rosters(demo: Demo) -> None:
    """Bring every published class to PER_CLASS confirmed trainees, as far as approved people with full records go."""
    if not demo.reached(DAY):
        return
    demo.at(DAY)
    _place()
    chosen = _missing()
    _register(demo, [each for each in chosen if each.state == EnrollmentState.APPROVED])
    _confirm([each.pk for each in chosen])


def _place() -> None:
    """Share the trainees of projects with several classes among these: only a base can, and the bases have not yet."""
    rows = Enrollment.objects.standing().filter(training_class=None, project__program__demo=True)
    waiting: dict[Project, list[Enrollment]] = defaultdict(list)
    for each in rows.select_related("project__base", "teacher").order_by("pk"):
        waiting[each.project].append(each)
    for project, people in waiting.items():
        classes = list(project.classes.filter(state=ClassState.PUBLISHED))
        if project.base is None or not classes:
            continue
        keeper = keeper_of(project.base)
        for number, each in enumerate(people):
            place(keeper, each, training_class=classes[number % len(classes)])


def _missing() -> list[Enrollment]:
    """Who is to be brought onto the rosters, of each class so many as it lacks."""
    rows = Enrollment.objects.standing().filter(
        training_class__state=ClassState.PUBLISHED, project__program__demo=True
    )
    lacking: dict[int | None, int] = defaultdict(lambda: PER_CLASS)
    for key in rows.filter(state=EnrollmentState.CONFIRMED).values_list("training_class", flat=True):
        lacking[key] -= 1
    waiting = rows.exclude(state=EnrollmentState.CONFIRMED)
    found, people = [], set()
    for each in waiting.select_related("teacher", "project__program__rulebook").order_by("pk"):
        fresh = each.state != EnrollmentState.APPROVED or (
            each.teacher.user_id is None and each.teacher_id not in people
        )
        if lacking[each.training_class_id] > 0 and fresh and completeness(each.teacher).complete:
            lacking[each.training_class_id] -= 1
            people.add(each.teacher_id)
            found.append(each)
    return found


def _register(demo: Demo, chosen: list[Enrollment]) -> None:
    if not chosen:
        return
    issue_codes(demo.system, None, enrollments=_keyed([each.pk for each in chosen]))
    valid = RegistrationCode.objects.filter(enrollment__in=chosen, used_at=None, revoked_at=None)
    codes = {each.enrollment_id: each for each in valid}
    with override_settings(PASSWORD_HASHERS=NOT_FOR_SIGNING_IN):
        for each in chosen:
            register(demo.system, each, code=codes[each.pk], password=temporary_password())


def _confirm(keys: list[int]) -> None:
    waiting = _keyed(keys).filter(state=EnrollmentState.REGISTERED)
    for base in Organization.objects.filter(pk__in=waiting.order_by().values("project__base")):
        actor = keeper_of(base)
        confirm_by_base(actor, Confirmation(waiting.filter(project__base=base), actor))
    office = person(Role.OFFICE_REVIEWER)
    ready = _keyed(keys).filter(state=EnrollmentState.BASE_CONFIRMED)
    if ready.exists():
        confirm_by_office(office, Confirmation(ready, office))


def _keyed(keys: list[int]) -> QuerySet[Enrollment]:
    return Enrollment.objects.filter(pk__in=keys)
