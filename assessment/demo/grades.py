"""The demo's classrooms in the year: people arrive, half-days are marked, leave is asked for, grades are given and closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

from django.db.models import QuerySet

from assessment.models import AttendanceStatus, ClassGrading, GradeLevel, Session
from assessment.services.attendance import prepare_sessions, take_attendance
from assessment.services.closing import close_grades, submit_grades
from assessment.services.grading import Entry, GradedClasses, record_grades
from assessment.services.leave import decide_leave, request_leave
from assessment.services.tallying import most_of, trainees_in
from enrollment.models import Enrollment
from enrollment.queries.arrival import present_in
from enrollment.services.arrivals import check_in, copies_asked, record_no_shows
from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.errors import DomainError
from portal.operations.actor import Actor
from portal.runtime.demo import YEAR_ENDS, Demo, demo_stage
from programs.demo.year import keeper_of
from programs.models import ClassState, TrainingClass
from programs.services.classes import assign_class_teacher

# One in so many does not come, misses a half-day, is late, fails.
ABSENT_EVERY, MISSES_EVERY, LATE_EVERY, FAILS_EVERY = 31, 13, 17, 41
# Attendance of so many half-days is taken in each class; the rest stays open in one class of so many.
SESSIONS, CARELESS_EVERY = 6, 12
COMMENTS = ("学习认真，成果扎实。", "按时参训，积极研讨。", "能完成各项任务。")


@demo_stage(200, "演示报到与考勤", year=True)
def attend_all(demo: Demo) -> None:
    """Who comes, who does not, and the half-days of every open class, in the order of their days."""
    for index, each in enumerate(_open_classes()):
        base = keeper_of(each.base)
        if not demo.reached(each.starts_on) or each.check_ins.exists():
            continue
        demo.at(each.starts_on)
        actor = _class_teacher(base, each)
        roster = list(Enrollment.objects.on_roster().filter(training_class=each).order_by("pk"))
        came = [one.pk for one in roster if one.pk % ABSENT_EVERY]
        check_in(actor, each, arrivals={key: copies_asked(each) for key in came})
        prepare_sessions(demo.system, each)
        _take(demo, each, actor, index)


@demo_stage(210, "演示成绩", year=True)
def grade_all(demo: Demo) -> None:
    """Each class that is over: marks, levels within the caps, handed in and closed."""
    done = ClassGrading.objects.exclude(closed_at=None).values("training_class")
    for each in _open_classes().exclude(pk__in=done).filter(check_ins__isnull=False).distinct():
        base = keeper_of(each.base)
        if not demo.reached(each.ends_on):
            continue
        demo.at(min(each.ends_on, YEAR_ENDS), 16)
        people = list(present_in(each).order_by("pk"))
        if people:
            record_grades(base, GradedClasses(each), entries=list(_entries(each, people)))
            submit_grades(base, each)
            close_grades(base, each)


def _take(demo: Demo, each: TrainingClass, actor: Actor, index: int) -> None:
    """Mark the first half-days; the no-shows are written down when reporting is over."""
    sessions = list(Session.objects.filter(training_class=each).order_by("starts_at"))
    taken = sessions[: SESSIONS - (index % CARELESS_EVERY == CARELESS_EVERY - 1)]
    people = list(present_in(each).select_related("teacher__user").order_by("pk"))
    for number, session in enumerate(taken):
        if not demo.reached(session.day) or not people:
            break
        demo.at(session.day, 10 if session.half == "am" else 15)
        session.training_class = each
        if number == 1:
            _leave(actor, people[0], session)
        marks = {
            one.pk: AttendanceStatus.ABSENT if (place + number) % MISSES_EVERY == 0 else AttendanceStatus.LATE
            for place, one in enumerate(people, 1)
            if (place + number) % MISSES_EVERY == 0 or (place * 3 + number) % LATE_EVERY == 0
        }
        take_attendance(actor, session, nonce=uuid4(), marks=marks, rest=AttendanceStatus.PRESENT)
    over = each.starts_on + timedelta(days=2)
    if demo.reached(over):
        demo.at(over)
        _record(demo, each)


def _record(demo: Demo, each: TrainingClass) -> None:
    try:
        record_no_shows(demo.system, each)
    except DomainError:
        # The calendar of this programme gives people longer: the sweep will do it.
        return


def _leave(actor: Actor, person: Enrollment, session: Session) -> None:
    """One of the class, if they have an account, asks for the half-day and gets it."""
    user = person.teacher.user
    held = user and user.memberships.select_related("organization", "user").filter(role=Role.TRAINEE).first()
    if held:
        person.training_class = session.training_class
        leave = request_leave(Actor.of(held), person, first=session, last=session, reason="参加学校教研活动")
        decide_leave(actor, leave, approve=True)


def _entries(each: TrainingClass, people: list[Enrollment]) -> Iterator[Entry]:
    levels = list(GradeLevel.objects.filter(rulebook=each.rulebook).order_by("position"))
    capped = [one for one in levels if one.cap is not None]
    plain = next(one for one in levels if one.passing and one.cap is None)
    failing = next((one for one in levels if not one.passing), plain)
    count = trainees_in([each.pk]).get(each.pk, 0)
    places = [one for one in capped for _place in range(most_of(one, count))]
    for number, person in enumerate(people):
        level = places[number] if number < len(places) else plain
        if number >= len(places) and person.pk % FAILS_EVERY == 0:
            level = failing
        best = 92 if number < len(places) else 78 if level.passing else 45
        yield Entry(
            person.pk,
            {
                "level": level.code,
                "performance_mark": best + person.pk % 7,
                "outcome_mark": best + person.pk % 5,
                "comment": COMMENTS[person.pk % len(COMMENTS)] if level.passing else "缺课较多，未完成任务。",
            },
        )


def _open_classes() -> QuerySet[TrainingClass]:
    rows = TrainingClass.objects.filter(state=ClassState.OPEN, project__program__demo=True)
    return rows.select_related(
        "project__program__rulebook", "project__program__office__parent", "base"
    ).order_by("starts_on", "pk")


def _class_teacher(base: Actor, each: TrainingClass) -> Actor:
    """The base's class teacher, named for the class; without one the administrator does it."""
    held = Membership.objects.current().filter(role=Role.CLASS_TEACHER, organization=each.base_id)
    found = held.select_related("user", "organization").order_by("pk").first()
    if found is None:
        return base
    if each.class_teacher_id is None:
        assign_class_teacher(base, each, user=found.user)
    return Actor.of(found) if each.class_teacher_id == found.user_id else base
