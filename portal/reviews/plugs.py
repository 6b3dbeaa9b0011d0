"""What reviews put on the desk and into the navigation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import STAFF
from portal.operations.actor import Actor
from portal.reviews.handlers import handler_of
from portal.reviews.models import OUTSIDERS
from portal.reviews.queries import waiting
from portal.ui.registry import Group, NavEntry, WorkItem, nav, work_items


@work_items
def reviews_waiting(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """One line a kind of record that waits for the actor's decision. One query."""
    for each in waiting(actor):
        handler = handler_of(each.kind)
        title = _("审核“%(kind)s”%(count)d项") % {"kind": handler.label, "count": each.count}
        yield WorkItem(title, handler.queue_url(), each.due, each.count, kind=gettext_lazy("审核"))


nav(
    NavEntry(
        Group.DESK,
        gettext_lazy("审核"),
        "reviews:list",
        icon="rubber-stamp",
        roles=frozenset(STAFF - OUTSIDERS),
        order=20,
    ),
)
