"""The rows that one act of grading works on, read and written in sets: plain values, no records of people. CQ20-5.2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from assessment.models import ClassGrading, Grade
from enrollment.models import Arrival, Enrollment
from portal.bulk import array
from portal.operations.act import Act
from programs.models import TrainingClass

# Loading a person's record decrypts it; of thousands of people only the name is needed here.
_PERSON = ("pk", "training_class_id", "teacher__name")
_STORED = ("enrollment_id", "level_id", "performance_mark", "outcome_mark", "comment")

_WRITE = """
    INSERT INTO assessment_grade
        (enrollment_id, grading_id, level_id, performance_mark, outcome_mark, comment, updated_at, by_name, final)
    SELECT *, %s::timestamptz, %s, false
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::numeric[], %s::numeric[], %s::text[])
    ON CONFLICT (enrollment_id) DO UPDATE SET
        level_id = excluded.level_id, performance_mark = excluded.performance_mark,
        outcome_mark = excluded.outcome_mark, comment = excluded.comment,
        updated_at = excluded.updated_at, by_name = excluded.by_name
"""


class Person(NamedTuple):
    """Who may be graded."""

    key: int
    training_class: int
    name: str


class Marks(NamedTuple):
    """What is given for one trainee: the level's key, marks 0 to 100, words."""

    level: int | None = None
    performance_mark: Decimal | None = None
    outcome_mark: Decimal | None = None
    comment: str = ""


class Line(NamedTuple):
    """One grade as it was (None: there is none yet) and as it will be."""

    person: Person
    grading: int
    was: Marks | None
    now: Marks

    @property
    def changes(self) -> bool:
        return self.was != self.now


def people_of(classes: Sequence[TrainingClass]) -> dict[int, Person]:
    """Everybody of the classes who has come, by enrolment. One query."""
    rows = Enrollment.objects.on_roster().filter(training_class__in=classes, check_in__state=Arrival.PRESENT)
    return {row[0]: Person(*row) for row in rows.order_by().values_list(*_PERSON)}


def stored_marks(gradings: Iterable[ClassGrading]) -> dict[int, Marks]:
    """What is given already, by enrolment. One query."""
    rows = Grade.objects.filter(grading__in=list(gradings)).order_by().values_list(*_STORED)
    return {key: Marks(*rest) for key, *rest in rows}


def write_lines(lines: Sequence[Line], *, at: datetime, by_name: str) -> None:
    """Write the lines over what is stored. One statement."""
    if not lines:
        return
    columns: tuple[list[Any], ...] = (
        [each.person.key for each in lines],
        [each.grading for each in lines],
        [each.now.level for each in lines],
        [each.now.performance_mark for each in lines],
        [each.now.outcome_mark for each in lines],
        [each.now.comment for each in lines],
    )
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [at, by_name, *map(array, columns)])


def tell_audit(act: Act, classes: Sequence[TrainingClass], lines: Sequence[Line]) -> None:
    """One entry for the batch, a row a trainee: level's key, marks, words, before and after."""
    if len(classes) == 1:
        act.changed(classes[0])
    act.after |= {"classes": len(classes), "changed": len(lines)}
    act.list_rows(
        {
            "enrollment": each.person.key,
            "name": each.person.name,
            "was": _plain(each.was),
            "now": _plain(each.now),
        }
        for each in lines
    )


def _plain(marks: Marks | None) -> list[Any]:
    if marks is None:
        return []
    performance, outcome = marks.performance_mark, marks.outcome_mark
    return [
        marks.level,
        None if performance is None else str(performance),
        None if outcome is None else str(outcome),
        marks.comment,
    ]


def missing(keys: Iterable[int], people: Mapping[int, Person]) -> int:
    """How many of `keys` are nobody who may be graded."""
    return sum(key not in people for key in keys)
