"""What nominations plug into the frame: navigation, work that waits, search, figures, the panel of a project."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import Nomination, NominationSheet, NominationState, SheetState
from enrollment.queries import nominations as queries
from enrollment.services.nominations import NOMINATORS, PHASE
from enrollment.services.sheets import SENDERS
from portal.accounts.roles import OFFICE, Role
from portal.operations.actor import Actor
from portal.ui.registry import Group, NavEntry, Number, SearchHit, WorkItem, nav, numbers, search, work_items
from programs.queries import open_programs

FOUND = 5
CONCERNED = frozenset({*NOMINATORS, *OFFICE, Role.PROVINCIAL_OFFICER})
REVIEWERS = frozenset({Role.OFFICE_REVIEWER, Role.BUREAU_APPROVER})

nav(
    NavEntry(
        Group.ENROLLMENT,
        gettext_lazy("资格审核"),
        "enrollment:eligibility",
        icon="clipboard-check",
        roles=REVIEWERS,
        order=5,
    ),
    NavEntry(
        Group.ENROLLMENT,
        gettext_lazy("推荐台账"),
        "enrollment:nominations",
        icon="users-group",
        roles=CONCERNED,
        order=10,
    ),
    NavEntry(
        Group.ENROLLMENT,
        gettext_lazy("推荐汇总表"),
        "enrollment:sheets",
        icon="file-spreadsheet",
        roles=CONCERNED - {Role.SCHOOL_ADMIN},
        order=20,
    ),
)


@work_items
def seats_to_fill(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """Projects in which the actor's organisation has free seats, while nominating is open. Three queries a programme."""
    if actor.role not in NOMINATORS or actor.organization is None:
        return
    for program in open_programs(actor):
        phase = program.rulebook.phase(PHASE)
        if phase is None or not (_before(phase.opens_at, now) and _before(now, phase.closes_at)):
            continue
        rows = [each for each in queries.offers(program, actor.organization) if each.own]
        count = sum(each.quota.free for each in rows)
        if count:
            title = _("还有%(count)d个名额未推荐人选") % {"count": count}
            url = reverse("enrollment:choose_project")
            yield WorkItem(title, url, phase.closes_at, count, phase.citation, _("推荐"))


@work_items
def to_correct(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """Returned nominations of the actor's organisation. One query."""
    if actor.role not in NOMINATORS:
        return
    count = Nomination.objects.filter(organization=actor.organization, state=NominationState.RETURNED).count()
    if count:
        url = f"{reverse('enrollment:nominations')}?state={NominationState.RETURNED}"
        yield WorkItem(_("%(count)d人被退回，请更正") % {"count": count}, url, count=count, kind=_("更正"))


@work_items
def sheets_to_submit(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """Sheets that wait for their stamped scan. One query."""
    if actor.role not in SENDERS:
        return
    rows = NominationSheet.objects.filter(organization=actor.organization, state=SheetState.DRAFT)
    for key, count in rows.annotate(people=Count("nominations")).values_list("pk", "people")[:FOUND]:
        title = _("推荐汇总表（%(count)d人）待盖章报送") % {"count": count}
        yield WorkItem(title, reverse("enrollment:sheet", args=[key]), count=count, kind=_("报送"))


@search
def nominations(actor: Actor, text: str) -> Iterator[SearchHit]:
    """At most five nominations by person or project. One query."""
    if actor.role not in CONCERNED:
        return
    rows = queries.find_nominations(queries.nomination_rows(actor), text)
    for each in rows.order_by("-pk")[:FOUND]:
        detail = f"{each.project} · {each.get_state_display()}"
        url = reverse("enrollment:nomination", args=[each.pk])
        yield SearchHit(_("推荐"), each.teacher.name, url, detail)


@numbers
def figures(actor: Actor, now: datetime) -> Iterator[Number]:
    """How many people are put forward and approved. One query."""
    if actor.role not in CONCERNED:
        return
    found = Nomination.objects.visible_to(actor).live().order_by()
    counts = found.aggregate(live=Count("pk"), approved=Count("pk", filter=Q(state=NominationState.APPROVED)))
    url = reverse("enrollment:nominations")
    yield Number(_("已推荐"), counts["live"], url)
    yield Number(_("资格审核通过"), counts["approved"], f"{url}?state={NominationState.APPROVED}")


def _before(one: datetime | None, other: datetime | None) -> bool:
    """Whether `one` is not later than `other`; an open end is never in the way."""
    return one is None or other is None or one <= other
