"""Grades however they come: the cap, the states, who may, what is kept. Source: CQ20-5.2."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from assessment.models import ClassGrading, Grade, GradeLevel, GradingState, LevelTally
from assessment.rules import GradingCase, SuggestionRule, suggestion_of
from assessment.services.closing import (
    close_grades,
    graded_before_finishing,
    reopen_grades,
    return_grades,
    submit_grades,
)
from assessment.services.grading import Entry, GradedClasses, record_grades
from assessment.services.tallying import most_of, recount
from enrollment.models import CheckIn, OutcomeKind, TrainingOutcome
from portal.accounts.roles import Role
from portal.errors import DomainError, Invalid, NotAllowed, OutsidePhase, RuleBroken, WrongState
from portal.operations.models import AuditEntry
from portal.people.models import Teacher
from programs.models import ClassState, TrainingClass
from tests.assessment.classroom import Classroom, add_trainees, more_class
from tests.factories import make_actor
from tests.programs.world import moment, set_clock

pytestmark = pytest.mark.django_db


def give(room: Classroom, *levels: str | None, actor: Any = None, **values: Any) -> int:
    """The level of each trainee in order; None leaves one out."""
    entries = [
        Entry(key, {"level": level, **values})
        for key, level in zip(room.keys, levels, strict=False)
        if level is not None
    ]
    return record_grades(actor or room.teacher, GradedClasses(room.fresh()), entries=entries)


def levels(room: Classroom) -> list[str]:
    rows = Grade.objects.filter(enrollment__in=room.keys).order_by("enrollment_id")
    return [each.level.code if each.level else "" for each in rows.select_related("level")]


@pytest.mark.clause("CQ20-5.2")
def test_of_five_trainees_one_is_excellent_and_a_second_is_refused_with_the_clause(
    classroom: Classroom,
) -> None:
    give(classroom, "excellent", "pass")
    with pytest.raises(RuleBroken) as refused:
        give(classroom, None, "excellent", "pass")
    assert refused.value.citation
    assert refused.value.citation.clause == "CQ20-5.2"
    assert "最多1人（参训5人的20%），已评1人，还可评0人" in str(refused.value.message)
    # Nothing of the refused sending stands.
    assert levels(classroom) == ["excellent", "pass"]


@pytest.mark.clause("CQ20-5.2")
def test_who_never_came_is_neither_graded_nor_counted(classroom: Classroom) -> None:
    add_trainees(classroom, 5, arrived=False)
    with pytest.raises(RuleBroken, match="最多1人"):
        give(classroom, "excellent", "excellent")
    with pytest.raises(RuleBroken, match="1人未报到"):
        record_grades(
            classroom.teacher,
            GradedClasses(classroom.fresh()),
            entries=[Entry(classroom.keys[5], {"level": "pass"})],
        )


def test_swapping_the_excellent_one_in_a_single_sending_is_no_breach(classroom: Classroom) -> None:
    give(classroom, "excellent", "pass")
    give(classroom, "pass", "excellent")
    assert levels(classroom) == ["pass", "excellent"]
    give(classroom, None, "")
    give(classroom, "excellent")
    tally = LevelTally.objects.get()
    assert (tally.used, tally.most) == (1, 1)
    assert recount(tally.grading)[tally.level_id] == 1


def test_late_comers_widen_the_cap(classroom: Classroom) -> None:
    give(classroom, "excellent")
    add_trainees(classroom, 5)
    give(classroom, None, "excellent")
    assert LevelTally.objects.get().used == 2


@pytest.mark.clause("CQ20-5.2")
@pytest.mark.parametrize(("trainees", "most"), [(0, 0), (4, 0), (5, 1), (9, 1), (10, 2), (54, 10)])
def test_the_cap_is_rounded_down(trainees: int, most: int) -> None:
    assert most_of(GradeLevel(cap=Decimal("0.2")), trainees) == most


@pytest.mark.clause("CQ20-5.2")
def test_the_scale_and_its_cap_are_the_notices(classroom: Classroom) -> None:
    book = classroom.training_class.rulebook
    assert [each.name for each in book.grade_levels.all()] == ["优秀", "合格", "不合格"]
    book.grade_levels.filter(code="excellent").update(cap=Decimal("0.4"))
    give(classroom, "excellent", "excellent")
    with pytest.raises(RuleBroken, match="40%"):
        give(classroom, None, None, "excellent")
    with pytest.raises(Invalid, match="优秀、合格、不合格"):
        give(classroom, "good")


def test_marks_are_kept_beside_the_level_and_each_sending_writes_only_what_it_says(
    classroom: Classroom,
) -> None:
    graded = GradedClasses(classroom.fresh())
    first = classroom.keys[0]
    record_grades(
        classroom.base, graded, entries=[Entry(first, {"performance_mark": "91.5", "comment": " 好 "})]
    )
    record_grades(
        classroom.base, graded, entries=[Entry(first, {"outcome_mark": Decimal(88), "level": "pass"})]
    )
    grade = Grade.objects.get()
    assert (grade.performance_mark, grade.outcome_mark, grade.comment) == (
        Decimal("91.5"),
        Decimal("88.0"),
        "好",
    )
    assert record_grades(classroom.base, graded, entries=[Entry(first, {"outcome_mark": "88"})]) == 0
    record_grades(classroom.base, graded, entries=[Entry(first, {"outcome_mark": ""})])
    grade.refresh_from_db()
    assert grade.outcome_mark is None


@pytest.mark.parametrize("mark", ["-1", "100.1"])
def test_marks_outside_0_to_100_are_refused(classroom: Classroom, mark: str) -> None:
    with pytest.raises(Invalid, match="0至100"):
        give(classroom, "pass", performance_mark=mark)


def test_one_person_twice_in_a_sending_is_refused(classroom: Classroom) -> None:
    entry = Entry(classroom.keys[0], {"level": "pass"})
    with pytest.raises(Invalid, match="不止一次"):
        record_grades(classroom.teacher, GradedClasses(classroom.fresh()), entries=[entry, entry])


def test_two_classes_are_graded_in_one_act_each_within_its_own_cap(classroom: Classroom) -> None:
    other = more_class(classroom, people=5)
    both = GradedClasses(classroom.fresh(), other.fresh())
    one_each = [Entry(room.keys[0], {"level": "excellent"}) for room in (classroom, other)]
    assert record_grades(classroom.base, both, entries=one_each) == 2
    with pytest.raises(RuleBroken, match="最多1人"):
        record_grades(classroom.base, both, entries=[Entry(other.keys[1], {"level": "excellent"})])
    entry = AuditEntry.objects.filter(operation="assessment.record_grades").first()
    assert entry
    assert entry.after == {"classes": 2, "changed": 2}


def test_a_number_of_people_costs_no_further_query(
    classroom: Classroom, django_assert_num_queries: Any
) -> None:
    give(classroom, None, None, None, None, "pass")
    with django_assert_num_queries(15):
        give(classroom, "excellent")
    with django_assert_num_queries(15):
        give(classroom, "fail", "pass", "pass", "pass", "fail")


def test_strangers_do_not_grade(classroom: Classroom) -> None:
    for actor in (make_actor(Role.CLASS_TEACHER, classroom.world.base), classroom.office):
        with pytest.raises(NotAllowed):
            give(classroom, "pass", actor=actor)


def test_grading_has_its_window(classroom: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, moment(9, 1, year=2021))
    with pytest.raises(OutsidePhase):
        give(classroom, "pass")


def test_a_class_that_is_not_open_is_not_graded(classroom: Classroom) -> None:
    TrainingClass.objects.update(state=ClassState.PUBLISHED)
    with pytest.raises(WrongState, match="开班后"):
        give(classroom, "pass")


def graded(room: Classroom) -> None:
    give(room, "excellent", "pass", "pass", "pass", "fail", performance_mark="90", outcome_mark="80")


@pytest.mark.clause("CQ20-5.2")
def test_submitted_closed_and_kept_for_later_rules(classroom: Classroom) -> None:
    graded(classroom)
    submit_grades(classroom.teacher, classroom.fresh())
    with pytest.raises(WrongState, match="已提交"):
        give(classroom, "pass")
    close_grades(classroom.base, classroom.fresh())
    assert Grade.objects.final().count() == 5
    kinds = [each.kind for each in TrainingOutcome.objects.order_by("enrollment_id")]
    assert kinds == [OutcomeKind.PASSED] * 4 + [OutcomeKind.FAILED]
    assert {each.clause.code for each in TrainingOutcome.objects.all() if each.clause} == {"CQ20-5.2"}
    with pytest.raises(WrongState, match="已审定"):
        give(classroom, "pass")


@pytest.mark.clause("CQ20-5.2")
def test_only_the_office_reopens_with_a_reason_on_record(classroom: Classroom) -> None:
    graded(classroom)
    submit_grades(classroom.base, classroom.fresh())
    close_grades(classroom.base, classroom.fresh())
    for actor in (classroom.base, classroom.teacher):
        with pytest.raises(NotAllowed):
            reopen_grades(actor, classroom.fresh(), reason="更正")
    with pytest.raises(Invalid, match="理由"):
        reopen_grades(classroom.office, classroom.fresh(), reason="")
    reopen_grades(classroom.office, classroom.fresh(), reason="核对有误")
    entry = AuditEntry.objects.filter(operation="assessment.reopen_grades").latest("pk")
    assert (entry.reason, entry.before, entry.after) == (
        "核对有误",
        {"grading": GradingState.CLOSED},
        {"grading": GradingState.OPEN},
    )
    assert not Grade.objects.final().exists()
    assert not TrainingOutcome.objects.exists()
    assert give(classroom, "pass") == 1


def test_the_base_gives_submitted_grades_back(classroom: Classroom) -> None:
    graded(classroom)
    submit_grades(classroom.teacher, classroom.fresh())
    return_grades(classroom.base, classroom.fresh(), reason="请补评语")
    assert ClassGrading.objects.get().state == GradingState.OPEN


@pytest.mark.clause("CQ20-5.2")
def test_nothing_is_submitted_while_somebody_has_no_level(classroom: Classroom) -> None:
    give(classroom, "pass", "pass")
    with pytest.raises(RuleBroken, match="还有3名学员未评定等级") as refused:
        submit_grades(classroom.teacher, classroom.fresh())
    assert refused.value.citation


def test_a_class_nobody_came_to_has_nothing_to_submit(classroom: Classroom) -> None:
    CheckIn.objects.all().delete()
    with pytest.raises(RuleBroken, match="没有已报到"):
        submit_grades(classroom.teacher, classroom.fresh())


@pytest.mark.clause("CQ20-5.2")
def test_a_class_does_not_finish_before_all_are_graded(classroom: Classroom) -> None:
    def found() -> list[tuple[bool, str]]:
        return [(each.blocks, each.message[:6]) for each in graded_before_finishing(classroom.fresh())]

    add_trainees(classroom, 1, arrived=False)
    assert found() == [(True, "还有1名学员"), (True, "还有5名学员")]
    CheckIn.objects.create(
        enrollment_id=classroom.keys[5],
        training_class=classroom.training_class,
        state="no_show",
        method="deadline",
        at=moment(11, 11),
        by_name="x",
    )
    graded(classroom)
    assert found() == [(True, "成绩尚未审定")]
    submit_grades(classroom.teacher, classroom.fresh())
    close_grades(classroom.base, classroom.fresh())
    assert found() == [(False, "学员考核等级")]
    assert next(graded_before_finishing(classroom.fresh())).citation.clause == "CQ20-5.2"  # type: ignore[union-attr]


def test_figures_are_fixed_with_the_submission(classroom: Classroom) -> None:
    session = classroom.session()
    for key in classroom.keys[:4]:
        session.attendances.create(
            enrollment_id=key, status="present", method="list", at=moment(11, 9), by_name="x"
        )
    session.attendances.create(
        enrollment_id=classroom.keys[4], status="absent", method="list", at=moment(11, 9), by_name="x"
    )
    type(session).objects.filter(pk=session.pk).update(taken_at=moment(11, 9))
    graded(classroom)
    submit_grades(classroom.teacher, classroom.fresh())
    rows = list(Grade.objects.order_by("enrollment_id").values_list("attendance_rate", "score"))
    assert rows[0] == (Decimal("100.0"), Decimal("90.0"))
    assert rows[4] == (Decimal("0.0"), Decimal("60.0"))


@pytest.mark.clause("CQ20-5.2")
def test_the_suggestion_goes_by_attendance_performance_and_outcome(classroom: Classroom) -> None:
    rule, bound = suggestion_of(classroom.training_class.rulebook)
    assert rule
    assert bound
    assert bound.citation
    assert bound.citation.clause == "CQ20-5.2"

    def suggested(*figures: int | None) -> str:
        return rule.suggest(GradingCase(*(None if each is None else Decimal(each) for each in figures)))

    assert suggested(100, 90, 80) == "excellent"
    assert suggested(100, 70, 60) == "pass"
    assert suggested(100, 40, 30) == "fail"
    assert suggested(79, 100, 100) == "fail"
    assert suggested(100, None, 90) == ""


def test_a_level_above_the_suggestion_is_remarked_on() -> None:
    rule = SuggestionRule(levels=("excellent 90", "pass 60"), lowest="fail")
    case = GradingCase(Decimal(100), Decimal(70), Decimal(70), "excellent")
    assert "79.0分" in rule.check(case)
    assert rule.check(GradingCase(Decimal(100), Decimal(70), Decimal(70), "pass")) == ""
    assert rule.check(GradingCase(None, Decimal(70), Decimal(70), "excellent")) == ""
    assert SuggestionRule(attendance_weight=0, performance_weight=0, outcome_weight=0).score(case) is None


def test_grades_are_seen_by_trainees_and_schools_only_when_final(classroom: Classroom) -> None:
    graded(classroom)
    trainee, school = classroom.trainee(), make_actor(Role.SCHOOL_ADMIN, classroom.school)
    counts = [Grade.objects.visible_to(each).count() for each in (trainee, school, classroom.teacher)]
    assert counts == [0, 0, 5]
    submit_grades(classroom.teacher, classroom.fresh())
    close_grades(classroom.base, classroom.fresh())
    counts = [Grade.objects.visible_to(each).count() for each in (trainee, school, classroom.office)]
    assert counts == [1, 5, 5]
    assert str(Grade.objects.first()).startswith(Teacher.objects.first().name[:1])  # type: ignore[union-attr]


def test_no_class_no_grading() -> None:
    with pytest.raises(DomainError):
        GradedClasses()
