"""What teachers plug into the frame: navigation, search, work, numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.operations.actor import Actor
from portal.people.completeness import incomplete
from portal.people.models import VIEWERS, Teacher, Transfer, TransferState
from portal.people.permits import SCHOOLS
from portal.people.queries import find
from portal.ui.registry import Group, NavEntry, Number, SearchHit, WorkItem, nav, numbers, search, work_items

FOUND = 5

nav(
    NavEntry(Group.PEOPLE, _("教师台账"), "people:teachers", "users", VIEWERS, 20),
    NavEntry(Group.PEOPLE, _("教师调动"), "people:transfers", "switch-horizontal", VIEWERS, 21),
)


@search
def teachers_found(actor: Actor, text: str) -> Iterator[SearchHit]:
    """At most five teachers the actor sees. One query; no number leaves the database."""
    if actor.role not in VIEWERS:
        return
    rows = find(Teacher.objects.visible_to(actor), text).select_related("school")
    for each in rows.only("name", "subject", "school__name")[:FOUND]:
        yield SearchHit(_("教师"), each.name, reverse("people:teacher", args=[each.pk]), each.school.name)


@work_items
def transfers_waiting(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """Transfers that the actor's school has to answer. One query."""
    if actor.role not in SCHOOLS or actor.organization is None:
        return
    here = actor.organization
    ours = Q(target=here, asked_by=F("source")) | Q(source=here, asked_by=F("target"))
    waiting = Transfer.objects.filter(ours, state=TransferState.REQUESTED).count()
    if waiting:
        url = f"{reverse('people:transfers')}?state={TransferState.REQUESTED}"
        yield WorkItem(_("教师调动待答复"), url, count=waiting, kind=_("教师调动"))


@numbers
def teachers_counted(actor: Actor, now: datetime) -> Iterator[Number]:
    """A school's teachers, and how many records are not complete. Two queries."""
    if actor.role not in SCHOOLS:
        return
    rows = Teacher.objects.visible_to(actor).filter(active=True)
    url = reverse("people:teachers")
    yield Number(_("在岗教师"), rows.count(), f"{url}?active=1")
    yield Number(_("资料待补充"), rows.filter(incomplete()).count(), f"{url}?active=1&complete=0")
