"""Attendance by half-day: lists, codes, resends, leave, rates. Source: CQ20-5.2."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from assessment.models import (
    Attendance,
    AttendanceMethod,
    AttendanceStatus,
    ClassGrading,
    Half,
    LeaveRequest,
    LeaveState,
    Session,
    Submission,
)
from assessment.papers.attendance import sheet_context, sheet_facts, sheet_rows
from assessment.queries.attendance import class_rate, with_attendance, with_class_attendance
from assessment.services import attendance
from assessment.services.attendance import prepare_sessions, scan_attendance, take_attendance
from assessment.services.leave import decide_leave, request_leave, withdraw_leave
from assessment.timetable import half_days
from enrollment import tokens
from enrollment.models import CheckIn, Enrollment
from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed, RuleBroken, WrongState
from portal.operations.models import AuditEntry
from programs.models import ClassState, Lesson, TrainingClass
from tests.assessment.classroom import Classroom, add_trainees
from tests.factories import make_actor
from tests.programs.world import moment, set_clock

pytestmark = pytest.mark.django_db
PRESENT, LATE, LEAVE, ABSENT = (each.value for each in AttendanceStatus)


def take(room: Classroom, *statuses: str, index: int = 0, **more: Any) -> Submission:
    """The class teacher's list, in the order of the trainees."""
    marks = dict(zip(room.keys, statuses, strict=False))
    given = {"nonce": uuid4(), "actor": room.teacher, **more}
    actor = given.pop("actor")
    return take_attendance(actor, room.session(index), marks=marks, **given)


def statuses(room: Classroom, index: int = 0) -> list[str]:
    rows = room.session(index).attendances.order_by("enrollment_id")
    return list(rows.values_list("status", flat=True))


def test_half_days_come_from_the_timetable() -> None:
    def lesson(start: Any, end: Any) -> Lesson:
        return Lesson(starts_at=start, ends_at=end)

    found = half_days(
        [
            lesson(moment(11, 9, 9), moment(11, 9, 10)),
            lesson(moment(11, 9, 10), moment(11, 9, 13)),
            lesson(moment(11, 10, 19), moment(11, 10, 21)),
        ]
    )
    day = date(2020, 11, 9)
    assert found == {
        (day, Half.AM): (moment(11, 9, 9), moment(11, 9, 12)),
        (day, Half.PM): (moment(11, 9, 12), moment(11, 9, 13)),
        (date(2020, 11, 10), Half.PM): (moment(11, 10, 19), moment(11, 10, 21)),
    }


def test_sessions_are_made_once(classroom: Classroom) -> None:
    assert prepare_sessions(classroom.base, classroom.training_class) == 4
    assert Session.objects.count() == 4


@pytest.mark.clause("CQ20-5.2")
def test_the_class_teacher_marks_the_list_and_the_rest_at_once(classroom: Classroom) -> None:
    sent = take(classroom, LATE, ABSENT, rest=PRESENT)
    assert (sent.changed, statuses(classroom)) == (5, [LATE, ABSENT, PRESENT, PRESENT, PRESENT])
    assert classroom.session().taken_at is not None
    rates = dict(with_attendance(Enrollment.objects.all()).values_list("pk", "rate"))
    assert [rates[key] for key in classroom.keys] == [Decimal(100), Decimal(0), *[Decimal(100)] * 3]
    whole = with_class_attendance(TrainingClass.objects.all()).get()
    assert (class_rate(whole), whole.held, whole.planned, whole.present) == (Decimal("80.0"), 1, 4, 5)  # type: ignore[attr-defined]


@pytest.mark.clause("CQ20-5.2")
def test_a_resend_after_a_lost_connection_counts_once_and_undoes_no_later_correction(
    classroom: Classroom,
) -> None:
    nonce = uuid4()
    first = take(classroom, PRESENT, nonce=nonce)
    take(classroom, LATE)
    again = take(classroom, PRESENT, nonce=nonce)
    assert again.pk == first.pk
    assert statuses(classroom) == [LATE]
    assert (Attendance.objects.count(), Submission.objects.count()) == (1, 2)
    newest = AuditEntry.objects.filter(operation="assessment.take_attendance").first()
    assert newest
    assert newest.after == {"repeated": str(nonce)}
    assert newest.rows == []


def test_the_same_nonce_of_two_devices_owners_is_two_sendings(classroom: Classroom) -> None:
    nonce = uuid4()
    take(classroom, PRESENT, nonce=nonce)
    take(classroom, LATE, nonce=nonce, actor=classroom.base)
    assert statuses(classroom) == [LATE]


def test_a_list_is_complete_when_everybody_who_came_is_marked(classroom: Classroom) -> None:
    take(classroom, PRESENT, PRESENT)
    assert classroom.session().taken_at is None
    take(classroom, rest=ABSENT)
    assert classroom.session().taken_at is not None


def test_correcting_a_complete_list_needs_a_reason_and_is_on_record(classroom: Classroom) -> None:
    take(classroom, rest=PRESENT)
    with pytest.raises(Invalid, match="更正须填写理由"):
        take(classroom, ABSENT)
    assert Submission.objects.count() == 1
    take(classroom, ABSENT, reason="看错人")
    entry = AuditEntry.objects.filter(operation="assessment.take_attendance").first()
    assert entry
    assert (entry.reason, entry.rows[0]["was"], entry.rows[0]["now"]) == ("看错人", PRESENT, ABSENT)


def test_who_has_not_reported_is_not_marked(classroom: Classroom) -> None:
    add_trainees(classroom, 1, arrived=False)
    with pytest.raises(Invalid, match="已报到的名单"):
        take_attendance(
            classroom.teacher, classroom.session(), nonce=uuid4(), marks={classroom.keys[-1]: PRESENT}
        )
    with pytest.raises(Invalid, match="只能是"):
        take(classroom, "asleep")


def test_lists_open_an_hour_before_and_close_with_the_class_and_the_grades(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RuleBroken, match="11月09日13:00"):
        take(classroom, PRESENT, index=1)
    set_clock(monkeypatch, moment(11, 9, 13))
    take(classroom, PRESENT, index=1)
    ClassGrading.objects.create(training_class=classroom.training_class, state="submitted")
    with pytest.raises(RuleBroken, match="成绩已提交"):
        take(classroom, PRESENT)
    TrainingClass.objects.update(state=ClassState.FINISHED)
    with pytest.raises(WrongState, match="已结班"):
        take(classroom, PRESENT)


def test_strangers_take_no_attendance(classroom: Classroom) -> None:
    for actor in (make_actor(Role.CLASS_TEACHER, classroom.world.base), classroom.office):
        with pytest.raises(NotAllowed):
            take(classroom, PRESENT, actor=actor)


def scan(room: Classroom, index: int = 0, session: int = 0, **more: Any) -> Attendance:
    token = tokens.sign(attendance.PURPOSE, room.session(session).pk)
    return scan_attendance(room.trainee(index), room.person(index), token=token, **more)


@pytest.mark.clause("CQ20-5.2")
def test_a_trainee_signs_in_by_the_code_late_after_a_quarter_of_an_hour(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scan(classroom).status == PRESENT
    assert scan(classroom, nonce=uuid4()).method == AttendanceMethod.QR
    set_clock(monkeypatch, moment(11, 9, 9, 16))
    assert scan(classroom, 1).status == LATE
    set_clock(monkeypatch, moment(11, 9, 12, 1))
    with pytest.raises(RuleBroken, match="已结束"):
        scan(classroom, 2)
    assert statuses(classroom) == [PRESENT, LATE]


def test_the_class_teachers_mark_stands_against_a_later_scan(classroom: Classroom) -> None:
    take(classroom, ABSENT)
    assert scan(classroom).status == ABSENT


def test_a_scan_sent_again_with_its_nonce_changes_nothing(classroom: Classroom) -> None:
    nonce = uuid4()
    first = scan(classroom, nonce=nonce)
    Attendance.objects.update(status=LATE)
    assert scan(classroom, nonce=nonce).pk == first.pk
    assert statuses(classroom) == [LATE]


def test_codes_of_other_classes_and_people_who_did_not_report_are_refused(classroom: Classroom) -> None:
    with pytest.raises(Invalid, match="另一个班级"):
        scan_attendance(
            classroom.trainee(), classroom.person(), token=tokens.sign(attendance.PURPOSE, 999_999)
        )
    CheckIn.objects.all().delete()
    with pytest.raises(RuleBroken, match="先报到"):
        scan(classroom)


def ask(room: Classroom, first: int = 0, last: int = 1, reason: str = "看病") -> LeaveRequest:
    made = request_leave(
        room.trainee(), room.person(), first=room.session(first), last=room.session(last), reason=reason
    )
    return LeaveRequest.objects.select_related(
        "enrollment__teacher__user", "enrollment__training_class", "first", "last"
    ).get(pk=made.pk)


@pytest.mark.clause("CQ20-5.2")
def test_leave_that_is_approved_marks_the_half_days_it_covers(classroom: Classroom) -> None:
    leave = ask(classroom)
    decide_leave(classroom.teacher, leave, approve=True)
    assert [statuses(classroom, index) for index in range(3)] == [[LEAVE], [LEAVE], []]
    take(classroom, rest=PRESENT)
    assert statuses(classroom) == [LEAVE, *[PRESENT] * 4]
    row = with_attendance(Enrollment.objects.filter(pk=classroom.keys[0])).get()
    assert (row.attended, row.on_leave, row.rate) == (0, 1, Decimal(0))  # type: ignore[attr-defined]


def test_leave_approved_afterwards_overrules_no_mark(classroom: Classroom) -> None:
    leave = ask(classroom, 0, 0)
    take(classroom, ABSENT, rest=PRESENT)
    decide_leave(classroom.base, leave, approve=True)
    assert statuses(classroom)[0] == ABSENT


def test_refusing_needs_words_and_a_request_is_decided_once(classroom: Classroom) -> None:
    leave = ask(classroom)
    with pytest.raises(Invalid, match="说明理由"):
        decide_leave(classroom.teacher, leave, approve=False)
    stale = LeaveRequest.objects.select_related("enrollment__teacher__user").get(pk=leave.pk)
    decide_leave(classroom.teacher, leave, approve=False, opinion="请先调课")
    with pytest.raises(Conflict):
        decide_leave(classroom.base, stale, approve=True)
    assert not Attendance.objects.exists()
    assert ask(classroom).state == LeaveState.PENDING


def test_leave_is_asked_within_ones_own_class_with_a_reason_and_once(classroom: Classroom) -> None:
    with pytest.raises(Invalid, match="事由"):
        ask(classroom, reason=" ")
    with pytest.raises(Invalid, match="不能早于"):
        ask(classroom, 2, 1)
    leave = ask(classroom, 1, 2)
    with pytest.raises(RuleBroken, match="已有"):
        ask(classroom, 0, 3)
    with pytest.raises(NotAllowed):
        withdraw_leave(classroom.trainee(1), leave)
    withdraw_leave(classroom.trainee(), leave)
    assert ask(classroom, 0, 3).state == LeaveState.PENDING
    TrainingClass.objects.update(state=ClassState.FINISHED)
    with pytest.raises(RuleBroken, match="已结班"):
        ask(classroom, 0, 3)
    foreign = Session(training_class_id=0, starts_at=moment(11, 9), ends_at=moment(11, 10))
    with pytest.raises(Invalid, match="本班"):
        request_leave(classroom.trainee(), classroom.person(), first=foreign, last=foreign, reason="看病")


def test_without_a_class_teacher_the_base_is_told_of_leave(classroom: Classroom) -> None:
    TrainingClass.objects.update(class_teacher=None)
    with pytest.raises(NotAllowed):
        decide_leave(classroom.teacher, ask(classroom), approve=True)


def test_rates_cost_one_query_for_any_number_of_people(
    classroom: Classroom, django_assert_num_queries: Any
) -> None:
    take(classroom, rest=PRESENT)
    with django_assert_num_queries(1):
        list(with_attendance(Enrollment.objects.filter(pk__in=classroom.keys[:1])))
    with django_assert_num_queries(1):
        list(with_attendance(Enrollment.objects.filter(pk__in=classroom.keys)))


def test_sign_in_sheets_name_who_is_expected_with_masked_phones(
    classroom: Classroom, django_assert_num_queries: Any
) -> None:
    CheckIn.objects.filter(enrollment=classroom.keys[0]).update(state="no_show")
    sessions = list(sheet_rows().filter(training_class=classroom.training_class))
    with django_assert_num_queries(1):
        sheets = sheet_context(sessions)
    assert len(sheets) == 4
    people = sheets[0]["people"]
    assert len(people) == 4
    assert all("****" in each["phone"] for each in people)
    assert sheet_facts(sessions[0]).number == "P1-1-20201109am"
