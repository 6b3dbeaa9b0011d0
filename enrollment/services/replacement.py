"""Giving the seat of someone who cannot attend to a colleague of the same subject. Source: CQ20-3.4."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.cases import Candidate
from enrollment.models import Enrollment, Nomination, Replacement
from enrollment.services.codes import revoke_codes
from enrollment.services.judging import findings_for
from enrollment.services.nominations import NOMINATORS, keep_findings, send
from enrollment.states import ENROLLMENT, NOMINATION
from portal.accounts.models import User
from portal.accounts.roles import OFFICE, Role
from portal.errors import Conflict, Invalid, RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.papers.services.issuing import revoke_for
from portal.people.models import Teacher
from portal.rulebook.findings import Finding, require

RECOMMENDATION_FORM = "enrollment.recommendation_form"


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

    The substitute's nomination goes to the reviewers like any other; meanwhile the seat and the place in the class
    are kept for them. Raises RuleBroken when a rule refuses the substitute, the class has begun, or the trainee was replaced
    already.
    """
    if not reason.strip():
        raise Invalid(_("请填写更换原因。"), field="reason")
    original = locked(enrollment)
    if substitute.pk == original.teacher_id:
        raise RuleBroken(_("替换学员就是原学员本人，请另选他人。"), code="same_person")
    refuse_late(act, original)
    made = nominate_substitute(act, original, substitute)
    NOMINATION.apply(original.nomination, "replace", decided_at=act.now)
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


def locked(enrollment: Enrollment) -> Enrollment:
    """The enrolment read anew under its lock, with all that replacing looks at."""
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


def refuse_late(act: Act, original: Enrollment) -> None:
    """Raise RuleBroken once the class has begun: from then on nobody is replaced."""
    if original.training_class and original.training_class.has_started(act.today):
        raise RuleBroken(
            _("“%(name)s”已开班，不能再更换学员。") % {"name": original.training_class}, code="started"
        )


def nominate_substitute(act: Act, original: Enrollment, substitute: Teacher) -> Nomination:
    """Write the substitute's nomination on the seat and in the place of `original`: the ledger does not move.

    Raises RuleBroken when a rule refuses them, or they were nominated by someone else a moment ago.
    """
    found = judge_substitute(act, original, substitute)
    require(found)
    former = original.nomination
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
    keep_findings(made, found)
    _save(made)
    return made


def _save(made: Nomination) -> None:
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        if "nomination_once_per_project" not in str(error):
            raise
        message = _("%(name)s刚被另一处推荐参加本项目，请刷新后另选他人。")
        raise Conflict(message % {"name": made.teacher.name}) from error


def _leave(act: Act, original: Enrollment) -> None:
    """The place in the class stays with the former enrolment, for the substitute; `taken` does not move."""
    ENROLLMENT.apply(original, "replace", during=None)
    revoke_codes([original], act.now)
    revoke_for(RECOMMENDATION_FORM, [original.pk], reason=_("学员已更换"))


def _tell(act: Act, original: Enrollment, substitute: Teacher) -> None:
    names = {"old": original.teacher.name, "new": substitute.name, "project": original.project}
    people = User.objects.filter(
        is_active=True,
        memberships__ended_at=None,
        memberships__organization__in=[original.project.base_id, original.project.program.office_id],
        memberships__role__in=[Role.BASE_ADMIN, *OFFICE],
    ).distinct()
    act.tell(
        people,
        _("%(project)s：%(old)s更换为%(new)s") % names,
        url=reverse("enrollment:enrollment", args=[original.pk]),
    )
    if original.teacher.user:
        act.tell([original.teacher.user], _("您参加的%(project)s已更换为他人") % names, body=act.reason)
