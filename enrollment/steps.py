"""Where an enrolment stands: the steps to the confirmed seat, which is next, who has it, until when. CQ20-3.3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from enrollment.models import Enrollment, EnrollmentState
from enrollment.services.registration import PHASE
from portal import clock
from portal.people.completeness import Completeness, completeness

_ORDER = [
    EnrollmentState.APPROVED,
    EnrollmentState.REGISTERED,
    EnrollmentState.BASE_CONFIRMED,
    EnrollmentState.CONFIRMED,
]


@dataclass(frozen=True)
class Step:
    """One step; `state` is done, now or later."""

    label: str
    state: str


@dataclass(frozen=True)
class Progress:
    """What a trainee's page and a clerk's page say of one enrolment."""

    steps: list[Step]
    next_step: str
    holder: str
    due_at: datetime | None
    record: Completeness


def progress_of(enrollment: Enrollment) -> Progress:
    """Where the enrolment stands. No query beyond the rulebook's phases."""
    phase = enrollment.rulebook.phase(PHASE)
    record = completeness(enrollment.teacher)
    next_step, holder = _next(enrollment, record)
    due = phase.closes_at if phase and holder else None
    return Progress(_steps(enrollment), next_step, holder, due, record)


def _steps(enrollment: Enrollment) -> list[Step]:
    labels = [_("资格审核通过"), _("学员注册"), _("基地确认"), _("项目办确认")]
    if enrollment.state not in _ORDER:
        return [Step(str(enrollment.get_state_display()), "now")]
    reached = _ORDER.index(EnrollmentState(enrollment.state))
    return [
        Step(label, "done" if index <= reached else "now" if index == reached + 1 else "later")
        for index, label in enumerate(labels)
    ]


def _next(enrollment: Enrollment, record: Completeness) -> tuple[str, str]:
    """What comes next, and who has it."""
    state = enrollment.state
    if state == EnrollmentState.APPROVED:
        return _("用验证码注册报名"), enrollment.teacher.name
    if state == EnrollmentState.REGISTERED and not record.complete:
        return _("补全个人信息"), enrollment.teacher.name
    if state == EnrollmentState.REGISTERED:
        base = enrollment.project.base
        return _("核对信息，确认报名"), base.label if base else _("培训基地")
    if state == EnrollmentState.BASE_CONFIRMED:
        return _("确认报名"), enrollment.project.program.office.label
    found = enrollment.training_class
    if state == EnrollmentState.CONFIRMED and (found is None or clock.today() <= found.ends_on):
        return _("打印推荐表，由学校审核盖章，报到时交培训基地"), ""
    return "", ""
