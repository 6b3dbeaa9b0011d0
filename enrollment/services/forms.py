"""The school's approval of a trainee's recommendation form. Source: CQ20-6.3."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import STANDING, Enrollment, SchoolOpinion
from portal.accounts.roles import Role
from portal.errors import Invalid, RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.people.completeness import completeness

APPROVERS = (Role.SCHOOL_ADMIN, Role.COLLEGE_ADMIN)
LONGEST_OPINION = 200


@operation(
    "enrollment.approve_form",
    gettext_lazy("审核学员推荐表"),
    roles=APPROVERS,
    scope=own("school"),
    clauses=["CQ20-6.3"],
)
def approve_form(act: Act, enrollment: Enrollment, *, opinion: str) -> SchoolOpinion:
    """Record the school's opinion, which the form then prints; approving again replaces it.

    Raises RuleBroken when the trainee has left or the record lacks what the form prints, Invalid for no opinion or one
    of more than 200 characters.
    """
    words = opinion.strip()
    if not words or len(words) > LONGEST_OPINION:
        raise Invalid(
            _("请填写推荐学校意见，不超过%(most)d字。") % {"most": LONGEST_OPINION}, field="opinion"
        )
    if enrollment.state not in STANDING:
        raise RuleBroken(_("此学员已退出或更换，不需要审核推荐表。"), code="not_standing")
    missing = completeness(enrollment.teacher).missing
    if missing:
        fields = "、".join(label for _name, label in missing)
        raise RuleBroken(
            _("推荐表还缺少：%(fields)s。请学员或学校补充后再审核。") % {"fields": fields}, code="incomplete"
        )
    former = SchoolOpinion.objects.filter(enrollment=enrollment).first()
    made, _created = SchoolOpinion.objects.update_or_create(
        enrollment=enrollment,
        defaults={"opinion": words, "by": act.actor.user, "by_name": act.actor.name, "at": act.now},
    )
    act.changed(
        enrollment,
        before={"opinion": former.opinion if former else ""},
        after={"opinion": words},
    )
    return made
