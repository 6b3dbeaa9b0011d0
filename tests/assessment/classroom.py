"""A class with trainees, made quickly: rows where the services of earlier stages are not what is tested."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from assessment.models import Session
from assessment.timetable import make_sessions
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
from programs.models import ClassState, Lesson, Project, TrainingClass
from programs.states import TRAINING_CLASS
from quotas.models import Quota
from tests.factories import SchoolFactory, TeacherFactory, make_actor
from tests.programs.world import CLASS_VALUES, World, lesson, make_class, make_world, moment

# The class runs from 2020-11-09 to 2020-11-18, with lessons on the morning and the afternoon of its first two days.
HOURS = ((9, 9, 12), (9, 14, 17), (10, 9, 12), (10, 14, 17))


@dataclass
class Classroom:
    """`teacher` is the class teacher, `base` the base's administrator, `office` reviews."""

    world: World
    training_class: TrainingClass
    school: Organization
    teacher: Actor
    base: Actor
    office: Actor
    trainees: list[Enrollment] = field(default_factory=list)

    @property
    def keys(self) -> list[int]:
        return [each.pk for each in self.trainees]

    def fresh(self) -> TrainingClass:
        """The class read anew, as a page would."""
        rows = TrainingClass.objects.select_related(
            "project__program__rulebook", "project__program__office__parent", "base"
        )
        return rows.get(pk=self.training_class.pk)

    def session(self, index: int = 0) -> Session:
        rows = Session.objects.select_related("training_class__project__program__rulebook")
        return rows.filter(training_class=self.training_class).order_by("starts_at")[index]

    def person(self, index: int = 0) -> Enrollment:
        rows = Enrollment.objects.select_related(
            "teacher__user",
            "training_class__base",
            "training_class__project__program__rulebook",
            "project__program__rulebook",
        )
        return rows.get(pk=self.keys[index])

    def trainee(self, index: int = 0) -> Actor:
        """The person as they would be signed in."""
        person = self.person(index)
        if person.teacher.user is None:
            actor = make_actor(Role.TRAINEE, person.school)
            person.teacher.user = actor.user
            person.teacher.save(update_fields=["user"])
        user = person.teacher.user
        assert user is not None
        return Actor.of(user.memberships.select_related("organization", "user").get())


def make_classroom(people: int = 5, *, arrived: bool = True, opened: bool = True, **values: Any) -> Classroom:
    """An open class of `people` confirmed trainees, all of whom have reported."""
    world = make_world(seats=max(10, people))
    made = make_class(world, published=True, **{"capacity": max(10, people), **values})
    made.lessons.all().delete()
    Lesson.objects.bulk_create(
        Lesson(training_class=made, **lesson(day, start, end)) for day, start, end in HOURS
    )
    teacher = make_actor(Role.CLASS_TEACHER, world.base)
    TrainingClass.objects.filter(pk=made.pk).update(class_teacher=teacher.user)
    school = SchoolFactory(parent=world.bureau())
    room = Classroom(world, made, school, teacher, world.base_admin, world.actor(Role.OFFICE_REVIEWER))
    add_trainees(room, people, arrived=arrived)
    if opened:
        TRAINING_CLASS.apply(made, "open")
        make_sessions(made)
    room.training_class = room.fresh()
    return room


def add_trainees(room: Classroom, people: int, *, arrived: bool = True) -> list[Enrollment]:
    """More confirmed trainees of the class, with or without having reported."""
    added = [_enrolled(room) for _each in range(people)]
    room.trainees += added
    TrainingClass.objects.filter(pk=room.training_class.pk).update(taken=len(room.trainees))
    if arrived:
        CheckIn.objects.bulk_create(
            CheckIn(
                enrollment=each,
                training_class=room.training_class,
                state=Arrival.PRESENT,
                method=ArrivalMethod.LIST,
                at=clock.now(),
                by_name="班主任",
            )
            for each in added
        )
    return added


def more_class(room: Classroom, code: str = "P2", people: int = 2) -> Classroom:
    """Another open class of the same base and class teacher."""
    made = TrainingClass.objects.create(
        project=room.world.project(code),
        base=room.world.base,
        class_teacher=room.teacher.user,
        state=ClassState.OPEN,
        **CLASS_VALUES | {"name": f"演示班{code}"},
    )
    other = Classroom(room.world, made, room.school, room.teacher, room.base, room.office)
    add_trainees(other, people)
    other.training_class = other.fresh()
    return other


def _enrolled(room: Classroom) -> Enrollment:
    project: Project = room.training_class.project
    quota, _made = Quota.objects.get_or_create(
        project=project, organization=room.school.parent, defaults={"received": project.seats}
    )
    teacher = TeacherFactory(school=room.school, subject="会计")
    nomination = Nomination.objects.create(
        program=project.program,
        project=project,
        training_class=room.training_class,
        teacher=teacher,
        organization=room.school.parent,
        school=room.school,
        quota=quota,
        state=NominationState.APPROVED,
        created_at=moment(10, 24),
    )
    return Enrollment.objects.create(
        nomination=nomination,
        project=project,
        training_class=room.training_class,
        teacher=teacher,
        organization=room.school.parent,
        school=room.school,
        state=EnrollmentState.CONFIRMED,
        during=span(room.training_class),
        created_at=moment(10, 24),
        registered_at=moment(10, 25),
        confirmed_at=moment(10, 26),
    )
