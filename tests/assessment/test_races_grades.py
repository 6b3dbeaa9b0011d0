"""Two people at the same moment: the last excellent place, the same sending; beside each a control without the guard."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from assessment.models import Attendance, ClassGrading, Grade, LevelTally, Submission
from assessment.services import attendance, tallying
from assessment.services.attendance import take_attendance
from assessment.services.grading import Entry, GradedClasses, record_grades
from portal.errors import DomainError
from tests.assessment.classroom import Classroom
from tests.races import at_once, meet_after

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
TWO = 2


def excellent(room: Classroom, index: int) -> Callable[[], object]:
    """Somebody gives the trainee the class's only excellent grade."""
    graded = GradedClasses(room.fresh())
    entries = [Entry(room.keys[index], {"level": "excellent"})]
    actor = room.teacher if index % 2 else room.base
    return lambda: record_grades(actor, graded, entries=entries)


def given() -> int:
    return Grade.objects.filter(level__code="excellent").count()


@pytest.mark.clause("CQ20-5.2")
def test_two_people_at_once_give_the_last_excellent_grade_once(classroom: Classroom) -> None:
    results = at_once(*(excellent(classroom, index) for index in range(4)))
    refused = [each for each in results if isinstance(each, DomainError)]
    assert (len(refused), given(), LevelTally.objects.get().used) == (3, 1, 1)
    assert all("还可评0人" in str(each.message) for each in refused)


def unlocked(classes: Any) -> dict[int, ClassGrading]:
    return {each.training_class_id: each for each in ClassGrading.objects.filter(training_class__in=classes)}


def test_control_without_lock_and_counter_both_get_it(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_then_write(gradings: Any, capped: Any, deltas: Any) -> None:
        assert given() + sum(deltas.values()) <= 1

    ClassGrading.objects.create(training_class=classroom.training_class)
    monkeypatch.setattr(tallying, "lock_gradings", unlocked)
    monkeypatch.setattr(tallying, "refresh_caps", lambda *_args: None)
    monkeypatch.setattr(tallying, "add_to_tallies", look_then_write)
    meet_after(monkeypatch, tallying, "add_to_tallies")
    at_once(*(excellent(classroom, index) for index in range(TWO)))
    assert given() == TWO


def test_without_the_lock_the_constraint_still_holds(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_grades(
        classroom.base,
        GradedClasses(classroom.fresh()),
        entries=[Entry(classroom.keys[4], {"level": "pass"})],
    )
    barrier = Barrier(TWO, timeout=20)

    class Meeting:
        """Both have looked before either counts."""

        def cursor(self) -> Any:
            barrier.wait()
            return connection.cursor()

    monkeypatch.setattr(tallying, "lock_gradings", unlocked)
    monkeypatch.setattr(tallying, "refresh_caps", lambda *_args: None)
    monkeypatch.setattr(tallying, "connection", Meeting())
    results = at_once(*(excellent(classroom, index) for index in range(TWO)))
    assert [type(each).__name__ for each in results].count("IntegrityError") == 1
    assert given() == 1


def sending(room: Classroom, nonce: UUID) -> Callable[[], object]:
    session = room.session()
    marks = {room.keys[0]: "present"}
    return lambda: take_attendance(room.teacher, session, nonce=nonce, marks=marks)


@pytest.mark.clause("CQ20-5.2")
def test_the_same_sending_arriving_three_times_at_once_counts_once(classroom: Classroom) -> None:
    nonce = uuid4()
    results = at_once(*(sending(classroom, nonce) for _each in range(3)))
    assert len({each.pk for each in results if isinstance(each, Submission)}) == 1
    assert (Submission.objects.count(), Attendance.objects.count()) == (1, 1)
    assert Submission.objects.get().changed == 1


def test_control_looking_first_takes_the_same_sending_twice(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    barrier = Barrier(TWO, timeout=20)
    nonce, seen = uuid4(), []

    def look_then_write(act: Any, session: Any, given_nonce: UUID) -> Submission | None:
        known = Submission.objects.filter(nonce=given_nonce).exists()
        barrier.wait()
        if not known:
            seen.append(given_nonce)
            return Submission.objects.create(session=session, user=act.actor.user, nonce=uuid4(), at=act.now)
        return None

    monkeypatch.setattr(attendance, "_send", look_then_write)
    at_once(*(sending(classroom, nonce) for _each in range(TWO)))
    assert (len(seen), Submission.objects.count()) == (TWO, TWO)
