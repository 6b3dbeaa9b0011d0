"""Giving the seat of someone who cannot attend to a colleague of the same subject. Source: CQ20-3.4."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.cases import Candidate
from enrollment.models import Enrollment, Nomination, Replacement
from enrollment.services.codes import revoke_codes
from enrollment.services.enrolling import leave_place
from enrollment.services.judging import findings_for
from enrollment.services.nominations import NOMINATORS, keep_findings, send
from enrollment.states import ENROLLMENT, NOMINATION
from portal.accounts.models import User
from portal.accounts.roles import OFFICE, Role
from portal.errors import Invalid, RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.people.models import Teacher
from portal.rulebook.findings import Finding, require


@operation(
    "enrollment.replace",
    gettext_lazy("更换学员"),
    roles=NOMINATORS,
    scope=own("organization"),
    phase="replacement",
    clauses=["CQ20-3.4"],
)
def replace(act: Act, enrollment: Enrollment, *, substitute: Teacher, reason: str) -> Replacement:
    """Put `substitute` in the place of an enrolled trainee; the seat goes over and is never free in between.

    The substitute's nomination goes to the reviewers like any other; the former trainee's place in the class is free
    for them. Raises RuleBroken when a rule refuses the substitute, the class has begun, or the trainee was replaced
    already.
    """
    if not reason.strip():
        raise Invalid(_("请填写更换原因。"), field="reason")
    original = _locked(enrollment)
    _refuse_late(act, original)
    require(judge_substitute(act, original, substitute))
    made = _nomination(act, original, substitute)
    _leave(act, original)
    replacement = Replacement.objects.create(
        original=original, substitute=made, reason=reason, by_name=act.actor.name, at=act.now
    )
    send(act, [made])
    act.reason = reason
    act.changed(enrollment, before={"trainee": original.teacher.name}, after={"trainee": substitute.name})
    _tell(act, original, substitute)
    return replacement


def judge_substitute(act: Act, enrollment: Enrollment, substitute: Teacher) -> list[Finding]:
    """What the rules say of a substitute for the enrolled trainee."""
    return findings_for(enrollment.rulebook, [candidate(enrollment, substitute)], act.today)[0]


def candidate(enrollment: Enrollment, substitute: Teacher) -> Candidate:
    """The substitute as the rules see them: on the other's seat, in the other's class."""
    nomination = enrollment.nomination
    return Candidate(
        substitute, enrollment.project, nomination.quota, enrollment.training_class, replaces=nomination
    )


def _locked(enrollment: Enrollment) -> Enrollment:
    rows = Enrollment.objects.select_for_update(of=["self"]).select_related(
        "nomination__quota__organization",
        "nomination__organization",
        "nomination__teacher",
        "project__program__rulebook",
        "project__audience",
        "training_class",
        "teacher__school",
        "teacher__user",
        "organization",
    )
    return rows.get(pk=enrollment.pk)


def _refuse_late(act: Act, original: Enrollment) -> None:
    if original.training_class and original.training_class.has_started(act.today):
        raise RuleBroken(
            _("“%(name)s”已开班，不能再更换学员。") % {"name": original.training_class}, code="started"
        )


def _nomination(act: Act, original: Enrollment, substitute: Teacher) -> Nomination:
    """The substitute's nomination takes over the quota's held seat: the ledger does not move."""
    former = original.nomination
    NOMINATION.apply(former, "replace", decided_at=act.now)
    made = Nomination(
        program=former.program,
        project=original.project,
        training_class=original.training_class,
        teacher=substitute,
        organization=former.organization,
        school=substitute.school,
        quota=former.quota,
        substitute_for=former,
        created_at=act.now,
    )
    keep_findings(made, judge_substitute(act, original, substitute))
    made.save()
    return made


def _leave(act: Act, original: Enrollment) -> None:
    leave_place(original)
    ENROLLMENT.apply(original, "replace", training_class=None, during=None)
    revoke_codes([original], act.now)


def _tell(act: Act, original: Enrollment, substitute: Teacher) -> None:
    names = {"old": original.teacher.name, "new": substitute.name, "project": original.project}
    people = User.objects.filter(
        is_active=True,
        memberships__ended_at=None,
        memberships__organization__in=[original.project.base_id, original.project.program.office_id],
        memberships__role__in=[Role.BASE_ADMIN, *OFFICE],
    ).distinct()
    act.tell(people, _("%(project)s：%(old)s更换为%(new)s") % names, url="/enrollments/")
    if original.teacher.user:
        act.tell([original.teacher.user], _("您参加的%(project)s已更换为他人") % names, body=act.reason)
