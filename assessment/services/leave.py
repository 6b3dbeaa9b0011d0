"""Leave: asked for with a reason by the trainee, decided by the class teacher or the base. Source: CQ20-5.2."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import (
    Attendance,
    AttendanceMethod,
    AttendanceStatus,
    LeaveRequest,
    LeaveState,
    Session,
)
from assessment.services.attendance import complete, lock_session
from assessment.states.grades import LEAVE
from enrollment.models import Enrollment
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.errors import Invalid, RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import oneself
from programs.models import ClassState, TrainingClass
from programs.scopes import RUNNERS, runs_class


@operation(
    "assessment.request_leave",
    gettext_lazy("申请请假"),
    roles=[Role.TRAINEE],
    scope=oneself("teacher.user"),
    clauses=["CQ20-5.2"],
)
def request_leave(
    act: Act, enrollment: Enrollment, *, first: Session, last: Session, reason: str
) -> LeaveRequest:
    """Ask to stay away from half-day `first` to `last`. Raises Invalid without a reason or for another class's days."""
    training_class = enrollment.training_class
    if training_class is None or {first.training_class_id, last.training_class_id} != {training_class.pk}:
        raise Invalid(_("请选择本班的上课时段。"), field="first")
    if training_class.state != ClassState.OPEN:
        raise RuleBroken(_("班级尚未开班或已结班，不能请假。"), code="not_open")
    if last.starts_at < first.starts_at:
        raise Invalid(_("结束时段不能早于开始时段。"), field="last")
    if not reason.strip():
        raise Invalid(_("请填写请假事由。"), field="reason")
    if _overlapping(enrollment, first, last).exists():
        raise RuleBroken(_("所选时段已有待审批或已批准的请假。"), code="asked_already")
    made = LeaveRequest.objects.create(
        enrollment=enrollment, first=first, last=last, reason=reason.strip(), created_at=act.now
    )
    act.changed(made, after={"first": str(first), "last": str(last), "reason": reason})
    title = _("%(name)s申请请假（%(first)s至%(last)s）") % {
        "name": enrollment.teacher.name,
        "first": first,
        "last": last,
    }
    act.tell(deciders(training_class), title, url=f"/assessment/leave/{made.pk}/")
    return made


@operation(
    "assessment.decide_leave",
    gettext_lazy("审批请假"),
    roles=RUNNERS,
    scope=runs_class("enrollment.training_class"),
    clauses=["CQ20-5.2"],
)
def decide_leave(act: Act, leave: LeaveRequest, *, approve: bool, opinion: str = "") -> LeaveRequest:
    """Approve, which marks the half-days as leave where nothing else is marked, or refuse with an opinion."""
    if not approve and not opinion.strip():
        raise Invalid(_("不批准时请说明理由，学员会看到。"), field="opinion")
    LEAVE.apply(
        leave,
        "approve" if approve else "refuse",
        decided_at=act.now,
        decided_by_name=act.actor.name,
        opinion=opinion.strip(),
    )
    if approve:
        _mark(act, leave)
    act.changed(leave, before={"state": LeaveState.PENDING}, after={"state": leave.state, "opinion": opinion})
    if leave.enrollment.teacher.user:
        title = _("您的请假%(state)s") % {"state": leave.get_state_display()}
        act.tell([leave.enrollment.teacher.user], title, body=opinion, url="/assessment/mine/")
    return leave


@operation(
    "assessment.withdraw_leave",
    gettext_lazy("撤回请假"),
    roles=[Role.TRAINEE],
    scope=oneself("enrollment.teacher.user"),
    clauses=["CQ20-5.2"],
)
def withdraw_leave(act: Act, leave: LeaveRequest) -> LeaveRequest:
    """The trainee takes back what nobody has decided."""
    LEAVE.apply(leave, "withdraw", decided_at=act.now)
    act.changed(leave, before={"state": LeaveState.PENDING}, after={"state": leave.state})
    return leave


def deciders(training_class: TrainingClass) -> QuerySet[User]:
    """Who is told of the class's requests: its teacher, or the base's administrators where it has none."""
    people: QuerySet[User] = User.objects.holding(Role.BASE_ADMIN, training_class.base)
    if training_class.class_teacher_id:
        people = User.objects.filter(pk=training_class.class_teacher_id)
    return people


def sessions_of(leave: LeaveRequest) -> QuerySet[Session]:
    """The half-days that the leave covers."""
    return Session.objects.filter(
        training_class=leave.first.training_class_id,
        starts_at__gte=leave.first.starts_at,
        starts_at__lte=leave.last.starts_at,
    )


def _overlapping(enrollment: Enrollment, first: Session, last: Session) -> QuerySet[LeaveRequest]:
    rows = enrollment.leave_requests.filter(state__in=[LeaveState.PENDING, LeaveState.APPROVED])
    return rows.filter(Q(first__starts_at__lte=last.starts_at) & Q(last__starts_at__gte=first.starts_at))


def _mark(act: Act, leave: LeaveRequest) -> None:
    sessions = list(sessions_of(leave).order_by("pk"))
    Attendance.objects.bulk_create(
        (
            Attendance(
                session=each,
                enrollment=leave.enrollment,
                status=AttendanceStatus.LEAVE,
                method=AttendanceMethod.LEAVE,
                at=act.now,
                by_name=act.actor.name,
            )
            for each in sessions
        ),
        ignore_conflicts=True,
    )
    for each in sessions:
        complete(act, lock_session(each))
