"""Attendance by half-day, from the class teacher's list or the trainee's own phone. Source: CQ20-5.2."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import (
    Attendance,
    AttendanceMethod,
    AttendanceStatus,
    ClassGrading,
    GradingState,
    Session,
    Submission,
)
from assessment.rules import PunctualityCase, is_late
from assessment.timetable import make_sessions
from enrollment import tokens
from enrollment.models import Enrollment
from enrollment.queries.arrival import present_in
from portal.accounts.roles import Role
from portal.errors import Invalid, RuleBroken, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import oneself
from programs.models import ClassState, TrainingClass
from programs.scopes import RUNNERS, runs_class

PURPOSE = "attendance"
# Lists and codes open this long before a half-day begins.
EARLY = timedelta(hours=1)


@operation(
    "assessment.prepare_sessions",
    gettext_lazy("生成考勤时段"),
    roles=RUNNERS,
    scope=runs_class(),
    clauses=["CQ20-5.2"],
    system=True,
)
def prepare_sessions(act: Act, training_class: TrainingClass) -> int:
    """Make the half-days of the class's timetable; return how many it has. Safe to run twice."""
    count = make_sessions(training_class)
    act.changed(training_class, after={"sessions": count})
    return count


@operation(
    "assessment.take_attendance",
    gettext_lazy("登记考勤"),
    roles=RUNNERS,
    scope=runs_class("training_class"),
    clauses=["CQ20-5.2"],
)
def take_attendance(
    act: Act,
    session: Session,
    *,
    nonce: UUID,
    marks: Mapping[int, str],
    rest: str = "",
    reason: str = "",
) -> Submission:
    """Mark trainees of a half-day by enrolment key; with `rest`, everybody who has no mark yet gets that one.

    What was already sent with `nonce` is not done again: the first sending's record is returned. Changing marks of a
    completed list needs a reason. Raises Invalid for strangers and those who have not reported, RuleBroken too early.
    """
    _require_open(act, session)
    sent = _send(act, session, nonce)
    if sent is None:
        act.changed(session, after={"repeated": nonce})
        return Submission.objects.get(user=act.actor.user, nonce=nonce)
    locked = lock_session(session)
    present = {each.pk: each for each in present_in(session.training_class).select_related("teacher")}
    _check_marks(marks, present)
    stored = dict(session.attendances.values_list("enrollment", "status"))
    wanted = {key: status for key, status in marks.items() if stored.get(key) != status}
    if rest:
        wanted |= {key: rest for key in present if key not in stored and key not in marks}
    _check_reason(locked, wanted, stored, reason)
    write_marks(act, session, wanted, AttendanceMethod.LIST)
    complete(act, locked)
    sent.changed = len(wanted)
    sent.save(update_fields=["changed"])
    act.reason = reason
    act.changed(session, after={"marked": len(wanted), "nonce": nonce})
    act.list_rows(
        {"enrollment": key, "name": present[key].teacher.name, "was": stored.get(key, ""), "now": status}
        for key, status in wanted.items()
    )
    return sent


@operation(
    "assessment.scan_attendance",
    gettext_lazy("扫码签到"),
    roles=[Role.TRAINEE],
    scope=oneself("teacher.user"),
    clauses=["CQ20-5.2"],
)
def scan_attendance(act: Act, enrollment: Enrollment, *, token: str, nonce: UUID | None = None) -> Attendance:
    """A trainee marks themselves by the code on the class teacher's screen; late by the rulebook's rule.

    Again changes nothing, and a mark of the class teacher stands. Raises Invalid for a code that is over or of another
    class, RuleBroken for who has not reported.
    """
    session = _session_of(enrollment, token)
    _require_open(act, session)
    if act.now > session.ends_at:
        raise RuleBroken(_("本时段已结束，不能再签到。如有疑问请联系班主任。"), code="over")
    if not present_in(session.training_class).filter(pk=enrollment.pk).exists():
        raise RuleBroken(_("您尚未报到，请先报到再签到。"), code="not_arrived")
    locked = lock_session(session)
    if nonce is None or _send(act, session, nonce):
        late = is_late(enrollment.rulebook, PunctualityCase(session.starts_at, act.now))
        status = AttendanceStatus.LATE if late else AttendanceStatus.PRESENT
        if not session.attendances.filter(enrollment=enrollment).exists():
            write_marks(act, session, {enrollment.pk: status}, AttendanceMethod.QR)
            complete(act, locked)
    found = session.attendances.get(enrollment=enrollment)
    act.changed(enrollment, after={"session": str(session), "status": found.status})
    return found


def lock_session(session: Session) -> Session:
    """Marks of one half-day are written one sending after the other."""
    return Session.objects.select_for_update().get(pk=session.pk)


def write_marks(act: Act, session: Session, marks: Mapping[int, str], method: AttendanceMethod) -> None:
    """Write marks by enrolment key over what stood there. One statement."""
    Attendance.objects.bulk_create(
        (
            Attendance(
                session=session,
                enrollment_id=key,
                status=status,
                method=method,
                at=act.now,
                by_name=act.actor.name,
            )
            for key, status in marks.items()
        ),
        update_conflicts=True,
        unique_fields=["session", "enrollment"],
        update_fields=["status", "method", "at", "by_name"],
    )


def complete(act: Act, session: Session) -> None:
    """Note since when everybody who has come has a mark; take it back when somebody has none."""
    unmarked = present_in(session.training_class).exclude(
        pk__in=session.attendances.order_by().values("enrollment")
    )
    whole = session.attendances.exists() and not unmarked.exists()
    if whole != (session.taken_at is not None):
        Session.objects.filter(pk=session.pk).update(taken_at=act.now if whole else None)


def _send(act: Act, session: Session, nonce: UUID) -> Submission | None:
    """The record of this sending, or None when the nonce has been here before. The constraint decides, not a look."""
    if act.actor.user is None:
        raise Invalid(_("考勤须由班主任或学员本人提交。"))
    try:
        with transaction.atomic():
            return Submission.objects.create(session=session, user=act.actor.user, nonce=nonce, at=act.now)
    except IntegrityError as error:
        if "submission_once" not in str(error):
            raise
        return None


def _require_open(act: Act, session: Session) -> None:
    training_class = session.training_class
    if training_class.state != ClassState.OPEN:
        raise WrongState(
            _("“%(name)s”%(state)s，不能登记考勤。")
            % {"name": training_class, "state": training_class.get_state_display()}
        )
    if act.now < session.starts_at - EARLY:
        when = timezone.localtime(session.starts_at - EARLY).strftime("%m月%d日%H:%M")
        raise RuleBroken(_("此时段的考勤自%(when)s起登记。") % {"when": when}, code="too_early")
    if _is_graded(training_class):
        raise RuleBroken(_("本班成绩已提交，考勤不能再改。如确需更正，请先退回成绩。"), code="graded")


def _is_graded(training_class: TrainingClass) -> bool:
    rows = ClassGrading.objects.filter(training_class=training_class)
    return rows.exclude(state=GradingState.OPEN).exists()


def _check_marks(marks: Mapping[int, str], present: Mapping[int, Enrollment]) -> None:
    strangers = [key for key in marks if key not in present]
    if strangers:
        raise Invalid(
            _("有%(count)d人不在本班已报到的名单中，请先登记报到。") % {"count": len(strangers)},
            code="not_arrived",
        )
    if any(status not in AttendanceStatus.values for status in marks.values()):
        raise Invalid(_("考勤只能是出勤、迟到、请假或缺勤。"), field="marks")


def _check_reason(
    session: Session, wanted: Mapping[int, str], stored: Mapping[int, str], reason: str
) -> None:
    corrected = [key for key in wanted if key in stored]
    if session.taken_at and corrected and not reason.strip():
        raise Invalid(_("此时段点名已完成，更正须填写理由。"), field="reason", code="reason_needed")


def _session_of(enrollment: Enrollment, token: str) -> Session:
    key = tokens.read(PURPOSE, token)
    mine = Q(training_class=enrollment.training_class_id)
    found = Session.objects.select_related("training_class").filter(mine, pk=key).first()
    if found is None:
        raise Invalid(_("这是另一个班级的二维码，您不在该班名单中。"), code="other_class")
    return found
