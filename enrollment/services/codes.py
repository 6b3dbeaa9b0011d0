"""Issuing registration codes. Only digests are stored; the plain codes go to the printed cards and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.codes import class_code_digest, code_digest, new_code
from enrollment.models import ClassCode, Enrollment, EnrollmentState, RegistrationCode
from portal import clock
from portal.accounts.roles import OFFICE, Role
from portal.errors import RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own, within
from portal.rulebook.models import Rulebook
from programs.models import TrainingClass

ISSUERS = (Role.BUREAU_CLERK, Role.BUREAU_APPROVER, Role.COLLEGE_ADMIN, Role.SCHOOL_ADMIN, *OFFICE)
PHASE = "registration"


@operation(
    "enrollment.issue_codes",
    gettext_lazy("发放学员验证码"),
    roles=ISSUERS,
    clauses=["CQ20-3.3"],
    system=True,
)
def issue_codes(act: Act, _none: None, *, enrollments: QuerySet[Enrollment]) -> dict[int, str]:
    """Give each enrolment that waits for registration a new code; return the plain codes by enrolment key.

    A code issued before is revoked, so one valid code at most exists. Valid until the registration window closes.
    Only what the actor may see is issued. Four queries, whatever the number.
    """
    rows = list(
        Enrollment.objects.visible_to(act.actor)
        .filter(pk__in=enrollments.order_by().values("pk"), state=EnrollmentState.APPROVED)
        .select_related("project__program__rulebook")
        .order_by("pk")
        .select_for_update(of=["self"])
    )
    if not rows:
        raise RuleBroken(
            _("所选人员中没有待注册的学员：只有资格审核通过、尚未注册的人可以领取验证码。"),
            code="none_waiting",
        )
    expiry = _expiry(rows[0].rulebook, act.now)
    valid = RegistrationCode.objects.filter(enrollment__in=rows, used_at=None, revoked_at=None)
    valid.update(revoked_at=act.now)
    codes = {each.pk: new_code() for each in rows}
    RegistrationCode.objects.bulk_create(
        RegistrationCode(enrollment_id=key, digest=code_digest(code), issued_at=act.now, expires_at=expiry)
        for key, code in codes.items()
    )
    act.after |= {"issued": len(codes), "expires_at": expiry}
    act.list_rows(_line(each) for each in rows)
    return codes


@operation(
    "enrollment.issue_class_code",
    gettext_lazy("发放班级验证码"),
    roles=[Role.BASE_ADMIN, Role.PROGRAM_MANAGER],
    scope=own("base") | within("project.program.office"),
    clauses=["CQ20-3.3", "CQ20-A1"],
    system=True,
)
def issue_class_code(act: Act, training_class: TrainingClass) -> ClassCode:
    """Give the class the one code that annex 1 prints; the former one ends. It opens registration only to the class's
    approved trainees, who prove who they are by the end of their ID number."""
    expiry = _expiry(training_class.rulebook, act.now)
    training_class.codes.filter(revoked_at=None).update(revoked_at=act.now)
    code = new_code()
    made = ClassCode.objects.create(
        training_class=training_class,
        code=code,
        digest=class_code_digest(code),
        issued_at=act.now,
        expires_at=expiry,
    )
    act.changed(training_class, after={"class_code": "issued", "expires_at": expiry})
    return made


def revoke_codes(enrollments: Iterable[Enrollment], now: datetime) -> int:
    """End the codes of people who no longer need them; inside the caller's operation."""
    rows = RegistrationCode.objects.filter(enrollment__in=list(enrollments), used_at=None, revoked_at=None)
    return rows.update(revoked_at=now)


def _expiry(rulebook: Rulebook, now: datetime) -> datetime:
    phase = rulebook.phase(PHASE)
    closes_at = phase.closes_at if phase else None
    if closes_at and now > closes_at:
        raise RuleBroken(
            _("“学员注册及报名”已截止，不能再发放验证码。如需补报，请联系项目办延长期限。"),
            code="registration_closed",
            citation=phase.citation if phase else None,
        )
    return closes_at or clock.end_of(clock.today())


def _line(enrollment: Enrollment) -> dict[str, Any]:
    return {"enrollment": enrollment.pk, "teacher": enrollment.teacher_id}
