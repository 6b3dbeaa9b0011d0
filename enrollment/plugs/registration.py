"""What registration plugs into the frame: navigation, work that waits, search, figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import STANDING, Enrollment, EnrollmentState, Replacement
from enrollment.queries.registration import with_code
from enrollment.services.codes import ISSUERS
from enrollment.services.forms import APPROVERS
from enrollment.services.nominations import NOMINATORS
from enrollment.services.registration import PHASE
from enrollment.services.substitutes import FAILED
from enrollment.views.enrollments import SEERS
from portal.accounts.roles import OFFICE, Role
from portal.memo import once_a_page
from portal.operations.actor import Actor
from portal.people.completeness import completeness
from portal.rulebook.models import Phase
from portal.ui.registry import Group, NavEntry, Number, SearchHit, WorkItem, nav, outcomes, search, work_items
from portal.ui.tallies import Tally, tally
from programs.queries import open_programs

FOUND = 5
CONFIRMERS = frozenset({Role.BASE_ADMIN, *OFFICE})

nav(
    NavEntry(
        Group.ENROLLMENT,
        gettext_lazy("报名台账"),
        "enrollment:enrollments",
        "user-check",
        frozenset(SEERS),
        40,
    ),
    NavEntry(
        Group.ENROLLMENT,
        gettext_lazy("报名确认"),
        "enrollment:confirmations",
        "clipboard-check",
        CONFIRMERS,
        50,
    ),
    NavEntry(Group.ENROLLMENT, gettext_lazy("发放验证码"), "enrollment:codes", "key", frozenset(ISSUERS), 60),
    NavEntry(
        Group.ENROLLMENT,
        gettext_lazy("我的培训"),
        "enrollment:trainee",
        "school",
        frozenset({Role.TRAINEE}),
        10,
    ),
)


@work_items
def registration_waits(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """Codes to issue, registrations to confirm, forms to approve, seats to fill again. At most three queries."""
    if actor.role not in SEERS:
        return
    phase = _phase(actor)
    due, citation = (phase.closes_at, phase.citation) if phase else (None, None)
    found = _counted(actor)
    for number, (title, _condition, url) in enumerate(_waiting(actor)):
        count = found[f"line{number}"].count
        if count:
            yield WorkItem(title, url, due, count, citation, _("报名"))
    yield from _seats_to_fill(actor)


@once_a_page
def _counted(actor: Actor) -> Mapping[str, Tally]:
    """All that the desk says of the enrolments one sees: what waits, line by line, and who was enrolled. One query."""
    lines = {f"line{number}": condition for number, (_title, condition, _url) in enumerate(_waiting(actor))}
    enrolled, confirmed = Q(state__in=STANDING), Q(state=EnrollmentState.CONFIRMED)
    rows = Enrollment.objects.visible_to(actor).annotate(coded=with_code())
    return tally(rows, enrolled=enrolled, confirmed=confirmed, **lines)


@work_items
def my_training(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """What a trainee still has to do. One query."""
    if not actor.is_trainee:
        return
    rows = Enrollment.objects.visible_to(actor).filter(state__in=STANDING)
    for each in rows.select_related("teacher", "project"):
        url = reverse("enrollment:trainee")
        if each.state == EnrollmentState.APPROVED:
            yield WorkItem(_("%(project)s：请提交报名") % {"project": each.project.name}, url, kind=_("报名"))
        elif not completeness(each.teacher).complete:
            yield WorkItem(_("请补全个人信息"), url, kind=_("报名"))


@search
def trainees_found(actor: Actor, text: str) -> Iterator[SearchHit]:
    """At most five enrolments. One query."""
    from enrollment.tables.registration import ENROLLMENTS, enrollment_rows

    if actor.role not in SEERS:
        return
    for each in ENROLLMENTS.find(enrollment_rows(actor), text).order_by("-pk")[:FOUND]:
        url = reverse("enrollment:enrollment", args=[each.pk])
        yield SearchHit(_("报名"), each.teacher.name, url, f"{each.project} · {each.school.label}")


@outcomes
def trainees_counted(actor: Actor, now: datetime) -> Iterator[Number]:
    """Enrolled and confirmed trainees that one sees. No query beside that of what waits."""
    if actor.role not in SEERS:
        return
    found, url = _counted(actor), reverse("enrollment:enrollments")
    yield Number(_("录取学员"), found["enrolled"].count, url)
    confirmed = found["confirmed"].count
    yield Number(_("报名成功"), confirmed, f"{url}?state={EnrollmentState.CONFIRMED}")


def _waiting(actor: Actor) -> Iterator[tuple[str, Q, str]]:
    """What may wait for the actor: the line's words, which of the enrolments it counts, and where they are dealt with."""
    confirmations = reverse("enrollment:confirmations")
    if actor.has_role(Role.BASE_ADMIN):
        own = Q(project__base=actor.organization)
        yield _("学员报名待确认"), own & Q(state=EnrollmentState.REGISTERED), confirmations
        unplaced = own & Q(state__in=STANDING, training_class=None)
        yield _("学员待编班"), unplaced, f"{reverse('enrollment:enrollments')}?unplaced=true"
    if actor.has_role(*OFFICE):
        yield _("学员报名待确认"), Q(state=EnrollmentState.BASE_CONFIRMED), confirmations
    elif actor.role in ISSUERS:
        uncoded = Q(state=EnrollmentState.APPROVED, coded=False)
        yield _("学员验证码待发放"), uncoded, reverse("enrollment:codes")
    if actor.role in APPROVERS:
        unapproved = Q(state=EnrollmentState.CONFIRMED, school=actor.organization, school_opinion=None)
        url = f"{reverse('enrollment:enrollments')}?state={EnrollmentState.CONFIRMED}&approved_form=false"
        yield _("学员推荐表待审核"), unapproved, url


def _seats_to_fill(actor: Actor) -> Iterator[WorkItem]:
    if actor.role not in NOMINATORS:
        return
    rows = Replacement.objects.filter(
        original__organization=actor.organization,
        original__state=EnrollmentState.REPLACED,
        substitute__state__in=FAILED,
    )
    for each in rows.select_related("original__teacher", "original__project"):
        title = _("%(project)s：替换%(name)s的人选未通过，请另派或放弃名额") % {
            "project": each.original.project.code,
            "name": each.original.teacher.name,
        }
        yield WorkItem(title, reverse("enrollment:enrollment", args=[each.original_id]), kind=_("更换"))


def _phase(actor: Actor) -> Phase | None:
    program = next(iter(open_programs(actor)), None)
    return program.rulebook.phase(PHASE) if program else None
