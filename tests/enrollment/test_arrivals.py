"""Reporting to a class: by list, by QR, and who did not come. Source: CQ20-5.1, CQ20-6.1, CQ20-6.3."""

from __future__ import annotations

import pytest

from enrollment import tokens
from enrollment.arriving import close_all
from enrollment.models import Arrival, ArrivalMethod, CheckIn, OutcomeKind, TrainingOutcome
from enrollment.rules.arrival import ArrivalCase, ArrivalRule
from enrollment.services import arrivals
from enrollment.services.arrivals import check_in, correct_arrival, record_no_shows, scan_in
from portal import clock
from portal.accounts.roles import Role
from portal.errors import DomainError, Invalid, NotAllowed, RuleBroken, WrongState
from portal.operations.models import AuditEntry
from tests.assessment.classroom import Classroom, make_classroom
from tests.factories import BaseFactory, make_actor
from tests.programs.world import moment, set_clock


@pytest.fixture
def room(db: None, monkeypatch: pytest.MonkeyPatch) -> Classroom:
    made = make_classroom(3, arrived=False)
    set_clock(monkeypatch, moment(11, 9, 8))
    return made


def states(room: Classroom) -> list[str]:
    return list(CheckIn.objects.order_by("enrollment_id").values_list("state", flat=True))


@pytest.mark.clause("CQ20-6.3")
def test_the_class_teacher_ticks_who_came_and_who_handed_in_three_originals(room: Classroom) -> None:
    first, second, _third = room.keys
    assert check_in(room.teacher, room.training_class, arrivals={first: 3, second: 0}) == 2
    assert dict(CheckIn.objects.values_list("enrollment", "form_copies")) == {first: 3, second: 0}
    assert check_in(room.teacher, room.training_class, arrivals={first: 3, second: 3}) == 1
    assert set(CheckIn.objects.values_list("form_copies", flat=True)) == {3}
    assert AuditEntry.objects.filter(operation="enrollment.check_in").count() == 2
    assert arrivals.copies_asked(room.training_class) == 3


def test_reporting_twice_changes_nothing(room: Classroom) -> None:
    for _time in range(2):
        check_in(room.base, room.training_class, arrivals={room.keys[0]: 0})
    assert CheckIn.objects.count() == 1
    assert AuditEntry.objects.filter(operation="enrollment.check_in").first().after["arrived"] == 0  # type: ignore[union-attr]


def test_only_the_class_teacher_and_the_base_take_arrivals(room: Classroom) -> None:
    others = make_actor(Role.CLASS_TEACHER, room.world.base), make_actor(Role.BASE_ADMIN, BaseFactory())
    for actor in (*others, room.office):
        with pytest.raises(NotAllowed):
            check_in(actor, room.training_class, arrivals={room.keys[0]: 0})


def test_strangers_to_the_class_cannot_be_ticked(room: Classroom) -> None:
    with pytest.raises(Invalid, match="1人不在本班"):
        check_in(room.teacher, room.training_class, arrivals={room.keys[0]: 0, 999_999: 0})
    assert not CheckIn.objects.exists()


def test_a_class_that_has_not_opened_takes_nobody(db: None) -> None:
    room = make_classroom(1, arrived=False, opened=False)
    with pytest.raises(WrongState, match="已开班"):
        check_in(room.teacher, room.training_class, arrivals={room.keys[0]: 0})


def test_nobody_reports_before_the_day_before(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, moment(11, 7))
    with pytest.raises(RuleBroken, match="11月08日"):
        check_in(room.teacher, room.training_class, arrivals={room.keys[0]: 0})


@pytest.mark.clause("CQ20-5.1")
def test_a_trainee_reports_by_the_code_on_the_screen(room: Classroom) -> None:
    token = tokens.sign(arrivals.PURPOSE, room.training_class.pk)
    for _time in range(2):
        found = scan_in(room.trainee(), room.person(), token=token)
        assert (found.state, found.method) == (Arrival.PRESENT, ArrivalMethod.QR)
    assert CheckIn.objects.count() == 1
    check_in(room.teacher, room.training_class, arrivals={room.keys[0]: 3})
    again = CheckIn.objects.get()
    assert (again.method, again.form_copies) == (ArrivalMethod.QR, 3)


def test_a_code_of_another_class_or_purpose_or_one_that_is_over_lets_nobody_in(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainee, person = room.trainee(), room.person()
    for token, words in (
        (tokens.sign(arrivals.PURPOSE, room.training_class.pk + 1), "另一个班级"),
        (tokens.sign("other", room.training_class.pk), "二维码无效"),
        ("forged", "二维码无效"),
    ):
        with pytest.raises(Invalid, match=words):
            scan_in(trainee, person, token=token)
    monkeypatch.setattr(tokens, "LIFE", -1)
    with pytest.raises(Invalid, match="已过期"):
        scan_in(trainee, person, token=tokens.sign(arrivals.PURPOSE, room.training_class.pk))
    assert not CheckIn.objects.exists()


def test_nobody_reports_for_somebody_else(room: Classroom) -> None:
    token = tokens.sign(arrivals.PURPOSE, room.training_class.pk)
    with pytest.raises(NotAllowed):
        scan_in(room.trainee(1), room.person(0), token=token)


@pytest.mark.clause("CQ20-6.1")
def test_who_has_not_come_by_the_second_evening_is_recorded_for_later_rules(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_in(room.teacher, room.training_class, arrivals={room.keys[0]: 3})
    set_clock(monkeypatch, moment(11, 10, 23, 59))
    assert close_all(clock.now()) == 0
    with pytest.raises(RuleBroken, match="尚未截止"):
        record_no_shows(room.teacher, room.training_class)
    set_clock(monkeypatch, moment(11, 11, 0, 1))
    assert [close_all(clock.now()), close_all(clock.now())] == [1, 0]
    assert states(room) == [Arrival.PRESENT, Arrival.NO_SHOW, Arrival.NO_SHOW]
    kept = TrainingOutcome.objects.all()
    assert {(each.enrollment_id, each.kind) for each in kept} == {
        (key, OutcomeKind.NO_SHOW) for key in room.keys[1:]
    }
    assert {each.clause.code for each in kept if each.clause} == {"CQ20-6.1"}


def test_a_sweep_that_dies_in_the_middle_leaves_nothing_half_done(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, moment(11, 11, 0, 1))

    def die(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(arrivals, "keep_outcomes", die)
        with pytest.raises(KeyboardInterrupt):
            close_all(clock.now())
    assert not CheckIn.objects.exists()
    assert close_all(clock.now()) == 1
    assert TrainingOutcome.objects.count() == 3


def test_who_comes_after_all_is_present_and_the_no_show_is_taken_back(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, moment(11, 11, 0, 1))
    close_all(clock.now())
    token = tokens.sign(arrivals.PURPOSE, room.training_class.pk)
    with pytest.raises(RuleBroken, match="记为未报到"):
        scan_in(room.trainee(), room.person(), token=token)
    check_in(room.teacher, room.training_class, arrivals={room.keys[0]: 3})
    assert states(room) == [Arrival.PRESENT, Arrival.NO_SHOW, Arrival.NO_SHOW]
    assert TrainingOutcome.objects.count() == 2
    entry = AuditEntry.objects.filter(operation="enrollment.check_in").first()
    assert entry
    assert entry.rows[0]["was"] == [Arrival.NO_SHOW, 0]


def test_a_wrong_tick_is_taken_back_with_a_reason(room: Classroom) -> None:
    check_in(room.teacher, room.training_class, arrivals={room.keys[0]: 0})
    with pytest.raises(Invalid, match="理由"):
        correct_arrival(room.teacher, room.person(), reason=" ")
    correct_arrival(room.teacher, room.person(), reason="点错人")
    assert not CheckIn.objects.exists()
    with pytest.raises(WrongState):
        correct_arrival(room.teacher, room.person(), reason="点错人")


def test_a_tick_on_which_attendance_rests_stays(room: Classroom) -> None:
    check_in(room.teacher, room.training_class, arrivals={room.keys[0]: 0})
    room.session().attendances.create(
        enrollment_id=room.keys[0], status="present", method="list", at=clock.now(), by_name="x"
    )
    with pytest.raises(DomainError, match="考勤记录"):
        correct_arrival(room.teacher, room.person(), reason="点错人")


def test_the_rule_says_from_when_one_has_not_come() -> None:
    starts = moment(11, 9).date()
    rule = ArrivalRule(days=1)
    assert rule.check(ArrivalCase(starts, False, moment(11, 9, 23))) == ""
    assert "第1日" in rule.check(ArrivalCase(starts, False, moment(11, 10, 0, 1)))
    assert rule.check(ArrivalCase(starts, True, moment(11, 20))) == ""
