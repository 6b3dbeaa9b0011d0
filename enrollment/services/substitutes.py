"""What happens to a replacement after it began: a corrected or another substitute, or nobody. Source: CQ20-3.4.

The seat and the place in the class stay kept from the first replacement on, whatever becomes of the substitutes, until
one is approved or the organisation gives them up.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.cases import Candidate
from enrollment.models import Enrollment, EnrollmentState, Nomination, NominationState, Replacement
from enrollment.services import seats
from enrollment.services.enrolling import leave_place
from enrollment.services.judging import findings_for
from enrollment.services.nominations import NOMINATORS, keep_findings, send
from enrollment.services.replacement import locked, nominate_substitute, refuse_late
from enrollment.states import ENROLLMENT
from portal.errors import Invalid, RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.people.models import Teacher
from portal.rulebook.findings import require

PHASE = "replacement"
# A substitute in one of these will not come any more.
FAILED = (NominationState.REJECTED, NominationState.WITHDRAWN, NominationState.LAPSED)


@operation(
    "enrollment.send_another",
    gettext_lazy("另派替换学员"),
    roles=NOMINATORS,
    scope=own("organization"),
    phase=PHASE,
    clauses=["CQ20-3.4"],
)
def send_another(act: Act, enrollment: Enrollment, *, substitute: Teacher, reason: str) -> Replacement:
    """Send another substitute when the former one was not approved. The kept seat serves again.

    Raises RuleBroken while a substitute stands, when a rule refuses the new one, or the class has begun.
    """
    if not reason.strip():
        raise Invalid(_("请填写另派原因。"), field="reason")
    original = locked(enrollment)
    replacement = open_replacement(original)
    refuse_late(act, original)
    former = replacement.substitute
    made = nominate_substitute(act, original, substitute)
    Replacement.objects.filter(pk=replacement.pk).update(substitute=made, reason=reason, at=act.now)
    send(act, [made])
    act.reason = reason
    act.changed(enrollment, before={"substitute": former.teacher.name}, after={"substitute": substitute.name})
    replacement.refresh_from_db()
    return replacement


@operation(
    "enrollment.give_up_seat",
    gettext_lazy("放弃替换名额"),
    roles=NOMINATORS,
    scope=own("organization"),
    phase=PHASE,
    clauses=["CQ20-3.4"],
)
def give_up_seat(act: Act, enrollment: Enrollment, *, reason: str) -> Enrollment:
    """Send nobody: the kept seat goes back to the quota, the place to the class. Only once, and not while one stands."""
    if not reason.strip():
        raise Invalid(_("请填写放弃原因。"), field="reason")
    original = locked(enrollment)
    replacement = open_replacement(original)
    leave_place(original)
    ENROLLMENT.apply(original, "give_up", training_class=None)
    seats.release_kept_seat(act, replacement.substitute, reason=reason[:200])
    act.reason = reason
    act.changed(
        enrollment, before={"state": EnrollmentState.REPLACED}, after={"state": EnrollmentState.WITHDRAWN}
    )
    enrollment.state = original.state
    return enrollment


@operation(
    "enrollment.resubmit_substitute",
    gettext_lazy("更正替换学员后重新报送"),
    roles=NOMINATORS,
    scope=own("organization"),
    phase=PHASE,
    clauses=["CQ20-3.4"],
)
def resubmit_substitute(act: Act, nomination: Nomination, *, note: str = "") -> Nomination:
    """Send a returned substitute again after correction, also when the window of nomination is over."""
    if nomination.state != NominationState.RETURNED or nomination.substitute_for is None:
        raise RuleBroken(_("只有被退回修改的替换学员才能这样重新报送。"), code="not_returned")
    again = Candidate(
        nomination.teacher,
        nomination.project,
        nomination.quota,
        nomination.training_class,
        replaces=nomination.substitute_for,
        nomination_id=nomination.pk,
    )
    found = findings_for(nomination.rulebook, [again], act.today)[0]
    require(found)
    nomination.note = note or nomination.note
    keep_findings(nomination, found)
    nomination.save(update_fields=["note", "findings", "verdict"])
    send(act, [nomination])
    act.changed(nomination, before={"state": NominationState.RETURNED}, after={"state": nomination.state})
    return nomination


def open_replacement(original: Enrollment) -> Replacement:
    """The enrolment's replacement whose seat waits for somebody. Raises RuleBroken when there is none."""
    rows = Replacement.objects.select_for_update(of=["self"]).select_related("substitute__teacher")
    found = rows.filter(original=original, original__state=EnrollmentState.REPLACED).first()
    if found is None:
        raise RuleBroken(_("此学员没有待补派的替换名额。"), code="no_open_replacement")
    if found.substitute.state not in FAILED:
        raise RuleBroken(
            _("替换学员%(name)s目前为“%(state)s”，审核不通过后才能另派或放弃名额。")
            % {"name": found.substitute.teacher.name, "state": found.substitute.get_state_display()},
            code="substitute_stands",
        )
    return found
