"""From approved nominations to places in classes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from enrollment.models import Enrollment, Nomination
from enrollment.services.clashes import told_of_clashes
from portal.operations.act import Act
from programs.models import ANNOUNCED, ClassState, TrainingClass

# Fills a class that is announced as far as it has room and says how many got in. One statement; a constraint stands behind it.
_TAKE = """
    UPDATE programs_trainingclass AS c
    SET taken = c.taken + least(%s, c.capacity - c.taken)
    FROM (SELECT id, taken FROM programs_trainingclass WHERE id = %s AND state = ANY(%s) FOR UPDATE) AS was
    WHERE c.id = was.id
    RETURNING c.taken - was.taken
"""


def enroll_many(act: Act, nominations: Sequence[Nomination]) -> list[Enrollment]:
    """Make the enrolment of each approved nomination, and put it into its class where there is one with room.

    The class is the nominated one, or the project's only published one. Who finds no room, or sits in another class
    at the time, is enrolled without a class, for the base to place. One statement a class, and three more, whatever
    the number of people. Raises Conflict when somebody else enrols one of them at the same moment.
    """
    made = [_enrollment(act, each) for each in nominations]
    _place(nominations, made)
    with told_of_clashes():
        return Enrollment.objects.bulk_create(made)


def take_places(training_class: TrainingClass, wanted: int) -> int:
    """Take up to `wanted` places of a class under its lock; return how many there were, 0 when it was cancelled."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [wanted, training_class.pk, list(ANNOUNCED)])
        taken = cursor.fetchone()
    return int(taken[0]) if taken else 0


def leave_place(enrollment: Enrollment) -> None:
    """Give an enrolment's place in its class back."""
    if enrollment.training_class_id:
        leave_class(enrollment.training_class_id)


def leave_class(key: int) -> None:
    """Give one place of a class back."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE programs_trainingclass SET taken = taken - 1 WHERE id = %s", [key])


def span(training_class: TrainingClass) -> DateRange:
    """The class's days as a range of the database, both ends included."""
    return DateRange(training_class.starts_on, training_class.ends_on, "[]")


def _enrollment(act: Act, nomination: Nomination) -> Enrollment:
    return Enrollment(
        nomination=nomination,
        project_id=nomination.project_id,
        teacher_id=nomination.teacher_id,
        organization_id=nomination.organization_id,
        school_id=nomination.school_id,
        created_at=act.now,
    )


def _place(nominations: Sequence[Nomination], enrollments: Sequence[Enrollment]) -> None:
    only = _only_classes({each.project_id for each in nominations})
    busy = _busy({each.teacher_id for each in nominations})
    queues: dict[int, list[Enrollment]] = defaultdict(list)
    classes: dict[int, TrainingClass] = {}
    for nomination, enrollment in zip(nominations, enrollments, strict=True):
        chosen = nomination.training_class or only.get(nomination.project_id)
        kept = nomination.training_class if nomination.substitute_for_id else None
        free = chosen and not _meets(chosen, busy[enrollment.teacher_id])
        if kept and not free:
            leave_class(kept.pk)
        if chosen and free:
            busy[enrollment.teacher_id].append(span(chosen))
            if kept:
                enrollment.training_class, enrollment.during = kept, span(kept)
                continue
            classes[chosen.pk] = chosen
            queues[chosen.pk].append(enrollment)
    for key in sorted(queues):
        for enrollment in queues[key][: take_places(classes[key], len(queues[key]))]:
            enrollment.training_class, enrollment.during = classes[key], span(classes[key])


def _busy(teachers: set[int]) -> dict[int, list[DateRange]]:
    """The days on which each of `teachers` already sits in a class."""
    found: dict[int, list[DateRange]] = defaultdict(list)
    rows = Enrollment.objects.standing().filter(teacher__in=teachers, during__isnull=False)
    for teacher, during in rows.values_list("teacher_id", "during"):
        found[teacher].append(during)
    return found


def _meets(training_class: TrainingClass, spans: Sequence[DateRange]) -> bool:
    """Whether the class runs on one of the days; a range read from the database excludes its end, `span` does not."""
    for each in spans:
        last = each.upper if each.upper_inc else each.upper - timedelta(days=1)
        if training_class.starts_on <= last and each.lower <= training_class.ends_on:
            return True
    return False


def _only_classes(projects: set[int]) -> dict[int, TrainingClass]:
    found: dict[int, list[TrainingClass]] = defaultdict(list)
    for each in TrainingClass.objects.filter(project__in=projects, state=ClassState.PUBLISHED):
        found[each.project_id].append(each)
    return {project: rows[0] for project, rows in found.items() if len(rows) == 1}
