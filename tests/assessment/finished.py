"""A class whose grading is closed, made of rows: how trainees came and were graded is not what is tested here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from assessment.models import ClassGrading, ClassResults, Grade, GradeLevel, GradingState, LevelTally, Result
from assessment.queries.results import one_result
from assessment.services.results import publish_results
from enrollment.models import (
    Arrival,
    ArrivalMethod,
    CheckIn,
    Enrollment,
    EnrollmentState,
    Nomination,
    NominationState,
)
from enrollment.services.enrolling import span
from portal import clock
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.organizations.models import Organization
from portal.people.models import Teacher
from programs.models import TrainingClass
from programs.states import TRAINING_CLASS
from quotas.models import Quota
from tests.factories import SchoolFactory, TeacherFactory, make_actor
from tests.programs.world import World, make_class, make_world, moment

# The grades of a class of five: one excellent is the fifth that may be.
LEVELS = ("excellent", "pass", "pass", "pass", "fail")


@dataclass
class Finished:
    world: World
    training_class: TrainingClass
    bureau: Organization
    school: Organization

    @property
    def base(self) -> Actor:
        return self.world.base_admin

    @property
    def office(self) -> Actor:
        return self.world.manager

    @property
    def school_admin(self) -> Actor:
        return self.world.actor(Role.SCHOOL_ADMIN, self.school)

    @property
    def clerk(self) -> Actor:
        return self.world.actor(Role.BUREAU_CLERK, self.bureau)

    def level(self, code: str) -> GradeLevel:
        return GradeLevel.objects.get(rulebook=self.world.program.rulebook, code=code)

    def published(self) -> ClassResults:
        """The results, published by the base, read anew."""
        return fresh(publish_results(self.base, self.training_class))

    def result(self, code: str = "pass", actor: Actor | None = None) -> Result:
        """The first result of that level, as a page reads it."""
        return one_result(actor or self.office).filter(level__code=code).order_by("pk")[0]

    def trainee_of(self, result: Result) -> Actor:
        """The person, signed in."""
        actor = self.world.actors.get(("trainee", result.pk)) or make_actor(Role.TRAINEE, self.school)
        self.world.actors["trainee", result.pk] = actor
        Teacher.objects.filter(pk=result.enrollment.teacher_id).update(user=actor.user)
        return actor


def make_finished(levels: tuple[str, ...] = LEVELS) -> Finished:
    """A class of P1 with a trainee for each of `levels`, all present; the grading is closed."""
    world = make_world(seats=max(10, len(levels)))
    bureau = world.bureau()
    school = SchoolFactory(parent=bureau)
    scene = Finished(world, graded_class(world, school, levels), bureau, school)
    for actor in (scene.school_admin, scene.clerk, scene.office, scene.base):
        assert actor.user
    return scene


def graded_class(
    world: World, school: Organization, levels: tuple[str, ...], code: str = "P1", **values: str
) -> TrainingClass:
    """An open class with closed grades."""
    made = make_class(world, world.project(code), published=True, **values)
    TRAINING_CLASS.apply(made, "open")
    scale = {each.code: each for each in GradeLevel.objects.filter(rulebook=world.program.rulebook)}
    grading = ClassGrading.objects.create(
        training_class=made, state=GradingState.CLOSED, trainees=len(levels), closed_at=clock.now()
    )
    for level in scale.values():
        if level.cap is not None:
            used = sum(each == level.code for each in levels)
            LevelTally.objects.create(
                grading=grading, level=level, used=used, most=max(used, int(len(levels) * level.cap))
            )
    for number, level_code in enumerate(levels):
        person = _person(made, school)
        Grade.objects.create(
            grading=grading,
            enrollment=person,
            level=scale[level_code],
            attendance_rate=Decimal(100),
            score=Decimal(95 - number),
            comment="积极参与研讨" if level_code == "excellent" else "",
            final=True,
            updated_at=clock.now(),
            by_name="班主任",
        )
    rows = TrainingClass.objects.select_related(
        "project__program__rulebook", "project__program__office__parent", "base"
    )
    return rows.get(pk=made.pk)


def fresh(made: ClassResults) -> ClassResults:
    """Read anew, as a page would."""
    rows = ClassResults.objects.select_related(
        "training_class__base",
        "training_class__project__program__rulebook",
        "training_class__project__program__office__parent",
    )
    return rows.get(pk=made.pk)


def _person(training_class: TrainingClass, school: Organization) -> Enrollment:
    project = training_class.project
    quota, _made = Quota.objects.get_or_create(
        project=project, organization=school.parent, defaults={"received": project.seats}
    )
    teacher = TeacherFactory(school=school, subject="会计")
    nomination = Nomination.objects.create(
        program=project.program,
        project=project,
        training_class=training_class,
        teacher=teacher,
        organization=school.parent,
        school=school,
        quota=quota,
        state=NominationState.APPROVED,
        created_at=moment(10, 24),
    )
    person = Enrollment.objects.create(
        nomination=nomination,
        project=project,
        training_class=training_class,
        teacher=teacher,
        organization=school.parent,
        school=school,
        state=EnrollmentState.CONFIRMED,
        during=span(training_class),
        created_at=moment(10, 24),
        registered_at=moment(10, 25),
        confirmed_at=moment(10, 26),
    )
    CheckIn.objects.create(
        enrollment=person,
        training_class=training_class,
        state=Arrival.PRESENT,
        method=ArrivalMethod.LIST,
        at=clock.now(),
        by_name="班主任",
    )
    return person
