"""What time does to nominations: windows that close end what waited in them, and deadlines are announced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from enrollment.models import Enrollment, EnrollmentState
from enrollment.services.lapsing import lapse_unsent_with
from enrollment.services.nominations import NOMINATORS
from portal.accounts.models import Membership
from portal.reviews.services import lapse_with
from portal.rulebook.findings import Finding, Verdict
from portal.rulebook.hooks import Reminder, on_phase_closed, reminds
from portal.rulebook.models import Phase
from programs.hooks import closing_guards
from programs.models import Program
from quotas.models import Quota


@on_phase_closed("nomination")
def end_nominating(phase: Phase, now: datetime) -> None:
    """Drafts and returned nominations lapse."""
    lapse_unsent_with(phase)


@on_phase_closed("eligibility_review")
def end_reviewing(phase: Phase, now: datetime) -> None:
    """What nobody decided lapses, and what was returned too late to be corrected."""
    lapse_with(phase)
    nomination = phase.rulebook.phase("nomination")
    if nomination is None or (nomination.closes_at and nomination.closes_at < now):
        lapse_unsent_with(phase)


@on_phase_closed("replacement")
def end_replacing(phase: Phase, now: datetime) -> None:
    """Substitutes whom nobody decided lapse."""
    lapse_with(phase)


@closing_guards
def trainees_left_over(program: Program) -> Iterator[Finding]:
    """Approved trainees who never got a confirmed place in a class. One query."""
    standing = Enrollment.objects.standing().filter(project__program=program)
    count = standing.exclude(state=EnrollmentState.CONFIRMED, training_class__isnull=False).count()
    if count:
        message = _("还有%(count)d名学员未完成报名或未编班，结束后不能再办理。") % {"count": count}
        yield Finding("enrollment.left_over", Verdict.WARN, message)


@reminds("nomination")
def unused_seats(phase: Phase, now: datetime) -> Iterator[Reminder]:
    """Each organisation that still has free seats, its people and how many. Two queries."""
    free: dict[int, int] = defaultdict(int)
    rows = Quota.objects.filter(project__program__rulebook=phase.rulebook).annotate(
        left=F("received") - F("passed") - F("held")
    )
    for organization, left in rows.filter(left__gt=0).values_list("organization_id", "left"):
        free[organization] += left
    people: dict[int, list[int]] = defaultdict(list)
    held = Membership.objects.current().filter(role__in=NOMINATORS, organization__in=free)
    for organization, user in held.values_list("organization_id", "user_id"):
        people[organization].append(user)
    due = timezone.localtime(phase.closes_at).strftime("%m月%d日%H时%M分") if phase.closes_at else ""
    for organization, users in people.items():
        words = {"count": free[organization], "due": due}
        title = _("还有%(count)d个名额未推荐人选，请于%(due)s前报送") % words
        yield Reminder(users, title, url=reverse("enrollment:choose_project"))
