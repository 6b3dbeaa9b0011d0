"""Registering with a code, and the base's and the office's confirmation. Source: CQ20-3.3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.codes import class_code_digest, cleaned, code_digest, mistyped_group
from enrollment.models import ClassCode, Enrollment, EnrollmentState, RegistrationCode
from enrollment.states import ENROLLMENT
from portal import clock
from portal.accounts.models import User
from portal.accounts.roles import OFFICE, Role
from portal.accounts.services.memberships import hold
from portal.accounts.services.trainees import create_trainee_account
from portal.errors import Invalid, RuleBroken
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.registry import operation
from portal.operations.scope import within
from portal.people.completeness import completeness
from portal.people.models import Teacher

PHASE = "registration"
# How much of the ID number's end proves who a person is: four signs beside an own code, six beside a class's.
TAIL, CLASS_TAIL = 4, 6


@dataclass(frozen=True)
class Opened:
    """The enrolment that a code has opened, and the code: registering looks at it again."""

    enrollment: Enrollment
    code: RegistrationCode | ClassCode


def open_enrollment(code: str, tail: str, *, name: str = "", now: datetime) -> Opened:
    """Return the enrolment that a typed code and the end of an ID number open.

    `name` is needed beside a class's code. Raises Invalid with one and the same message whichever part is wrong,
    except that a mistyped group is named, which needs no look-up.
    """
    plain = cleaned(code)
    group = mistyped_group(plain)
    if group:
        raise Invalid(
            _("验证码第%(group)d组有误，请对照报名卡核对。") % {"group": group}, field="code", code="mistyped"
        )
    found = _by_own_code(plain, tail, now) or _by_class_code(plain, name, tail, now)
    if found is None:
        raise Invalid(
            _("验证码或身份信息不符，或验证码已失效。请核对后重试；仍不行请联系本单位重新发放。"),
            field="code",
            code="unknown_code",
        )
    return found


@operation(
    "enrollment.register", gettext_lazy("学员注册报名"), phase=PHASE, clauses=["CQ20-3.3"], system=True
)
def register(
    act: Act,
    enrollment: Enrollment,
    *,
    code: RegistrationCode | ClassCode,
    password: str,
    username: str = "",
) -> User:
    """Make the trainee's account, bind it to the teacher's record, and use up the code that opened the page.

    Someone who registered for another project before signs in instead (see `join`). Raises Invalid when the code ended
    while the page was open, RuleBroken when the enrolment is registered already.
    """
    _use_code(enrollment, code, act.now)
    teacher = (
        Teacher.objects.select_for_update(of=["self"])
        .select_related("school", "user")
        .get(pk=enrollment.teacher_id)
    )
    if teacher.user:
        raise RuleBroken(_("您已有账号，请用原账号登录后报名。"), code="has_account")
    account = create_trainee_account(
        teacher.name, teacher.phone, teacher.school, password=password, username=username
    )
    Teacher.objects.filter(pk=teacher.pk).update(user=account.user)
    _mark_registered(act, enrollment)
    return account.user


@operation("enrollment.join", gettext_lazy("学员报名"), roles=list(Role), phase=PHASE, clauses=["CQ20-3.3"])
def join(act: Act, enrollment: Enrollment, *, code: RegistrationCode | ClassCode) -> Enrollment:
    """Register a signed-in person for a further project. Raises Invalid when the code ended while the page was open."""
    if act.actor.user is None or enrollment.teacher.user_id != act.actor.user_id:
        raise RuleBroken(_("此验证码属于其他人，请核对。"), code="not_own")
    _use_code(enrollment, code, act.now)
    held = act.actor.user.memberships.filter(role=Role.TRAINEE, organization=enrollment.school, ended_at=None)
    if not held.exists():
        hold(act.actor.user, Role.TRAINEE, enrollment.school, granted_by=None)
    _mark_registered(act, enrollment)
    return enrollment


@operation(
    "enrollment.confirm_by_base",
    gettext_lazy("基地确认报名"),
    roles=[Role.BASE_ADMIN],
    phase=PHASE,
    clauses=["CQ20-3.3"],
)
def confirm_by_base(act: Act, confirmation: Confirmation) -> int:
    """The base confirms registered trainees of its projects whose records are complete; return how many."""
    rows = confirmation.rows.filter(state=EnrollmentState.REGISTERED, project__base=act.actor.organization)
    return len(_confirm(act, rows, "confirm_by_base"))


@operation(
    "enrollment.confirm_by_office",
    gettext_lazy("项目办确认报名"),
    roles=OFFICE,
    phase=PHASE,
    clauses=["CQ20-3.3"],
)
def confirm_by_office(act: Act, confirmation: Confirmation) -> int:
    """The office confirms what bases confirmed, and tells the trainees; return how many."""
    rows = confirmation.rows.filter(state=EnrollmentState.BASE_CONFIRMED)
    found = _confirm(act, rows, "confirm_by_office", confirmed_at=act.now)
    people = [each.teacher.user for each in found if each.teacher.user]
    act.tell(people, _("报名成功，请按开班通知准时参加培训"), url="/trainee/")
    return len(found)


@operation(
    "enrollment.send_back",
    gettext_lazy("退回报名"),
    roles=[Role.BASE_ADMIN, *OFFICE],
    scope=within("project.base") | within("project.program.office"),
    phase=PHASE,
    clauses=["CQ20-3.3"],
)
def send_back(act: Act, enrollment: Enrollment, *, reason: str) -> Enrollment:
    """Send a registration back to the trainee with the reason; they complete it and submit again by signing in."""
    if not reason.strip():
        raise Invalid(_("请填写退回理由，学员会看到。"), field="reason")
    before = enrollment.state
    ENROLLMENT.apply(enrollment, "send_back", registered_at=None)
    act.reason = reason
    act.changed(enrollment, before={"state": before}, after={"state": enrollment.state})
    if enrollment.teacher.user:
        act.tell(
            [enrollment.teacher.user],
            _("报名被退回，请补充后重新提交"),
            body=reason,
            url="/trainee/",
            urgent=True,
        )
    return enrollment


@operation(
    "enrollment.resubmit_registration",
    gettext_lazy("重新提交报名"),
    roles=[Role.TRAINEE],
    phase=PHASE,
    clauses=["CQ20-3.3"],
)
def resubmit_registration(act: Act, enrollment: Enrollment) -> Enrollment:
    """A trainee whose registration was sent back submits it again; no new code is needed."""
    if enrollment.teacher.user_id != act.actor.user_id:
        raise RuleBroken(_("只能提交本人的报名。"), code="not_own")
    _mark_registered(act, enrollment)
    return enrollment


class Confirmation:
    """Registered trainees of one programme that are confirmed together: what a confirming act is about."""

    def __init__(self, rows: QuerySet[Enrollment], actor: Actor) -> None:
        self.rows = Enrollment.objects.visible_to(actor).filter(pk__in=rows.order_by().values("pk"))
        self._first = self.rows.select_related("project__program__rulebook").first()

    @property
    def rulebook(self) -> object:
        if self._first is None:
            raise Invalid(_("没有选中可以确认的报名。"))
        return self._first.rulebook


def _confirm(act: Act, rows: QuerySet[Enrollment], action: str, **fields: object) -> list[Enrollment]:
    found = list(rows.select_related("teacher__user").order_by("pk").select_for_update(of=["self"]))
    if not found:
        raise RuleBroken(_("所选报名中没有等待您确认的，可能已被他人处理，请刷新。"), code="none_waiting")
    incomplete = [each.teacher.name for each in found if not completeness(each.teacher).complete]
    if incomplete:
        raise RuleBroken(
            _("以下学员的信息不完整，请退回补充：%(names)s") % {"names": "、".join(incomplete[:10])},
            code="incomplete",
        )
    moved = ENROLLMENT.apply_to(
        Enrollment.objects.filter(pk__in=[each.pk for each in found]), action, **fields
    )
    act.after |= {"confirmed": moved}
    act.list_rows({"enrollment": each.pk, "name": each.teacher.name} for each in found)
    return found


def _by_own_code(code: str, tail: str, now: datetime) -> Opened | None:
    rows = RegistrationCode.objects.filter(
        digest=code_digest(code), used_at=None, revoked_at=None, expires_at__gte=now
    )
    found = rows.select_related(
        "enrollment__teacher__school", "enrollment__project__program__rulebook"
    ).first()
    if found is None or not _ends_with(found.enrollment.teacher, tail, TAIL):
        return None
    return Opened(found.enrollment, found)


def _by_class_code(code: str, name: str, tail: str, now: datetime) -> Opened | None:
    rows = ClassCode.objects.filter(digest=class_code_digest(code), revoked_at=None, expires_at__gte=now)
    found = rows.first()
    if found is None or not name:
        return None
    waiting = Enrollment.objects.filter(
        training_class=found.training_class_id, state=EnrollmentState.APPROVED, teacher__name=name.strip()
    ).select_related("teacher__school", "project__program__rulebook")
    matching = [each for each in waiting if _ends_with(each.teacher, tail, CLASS_TAIL)]
    return Opened(matching[0], found) if len(matching) == 1 else None


def _ends_with(teacher: Teacher, tail: str, signs: int) -> bool:
    return len(tail.strip()) >= signs and teacher.id_number.endswith(tail.strip().upper()[-signs:])


def _use_code(enrollment: Enrollment, code: RegistrationCode | ClassCode, now: datetime) -> None:
    """Use up the enrolment's own code; a class's code is not used up, but must still be that of the trainee's class.

    The page may have been open for a while: what was valid then may be expired, replaced or used by now.
    """
    own = RegistrationCode.objects.filter(enrollment=enrollment, used_at=None, revoked_at=None)
    if isinstance(code, RegistrationCode):
        valid = bool(own.filter(pk=code.pk, expires_at__gte=now).update(used_at=now))
    else:
        codes = ClassCode.objects.filter(pk=code.pk, revoked_at=None, expires_at__gte=now)
        valid = codes.filter(training_class__enrollments=enrollment).exists()
        own.update(used_at=now)
    if not valid:
        raise Invalid(
            _("打开此页的验证码已失效（过期、已重新发放或已被使用）。请用新的验证码重新打开报名页面。"),
            code="code_ended",
        )


def _mark_registered(act: Act, enrollment: Enrollment) -> None:
    ENROLLMENT.apply(enrollment, "register", registered_at=act.now)
    act.changed(enrollment, before={"state": EnrollmentState.APPROVED}, after={"state": enrollment.state})


def still_open(enrollment: Enrollment) -> bool:
    """Whether the window of registration is open by business time."""
    phase = enrollment.rulebook.phase(PHASE)
    return bool(phase and (phase.closes_at is None or clock.now() <= phase.closes_at))
