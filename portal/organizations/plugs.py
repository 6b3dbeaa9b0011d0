"""What organisations plug into the frame: navigation, search."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.roles import STAFF, Role
from portal.operations.actor import Actor
from portal.organizations.tables import find, rows_of
from portal.ui.registry import Group, NavEntry, SearchHit, nav, search

FOUND = 5
# Experts and class teachers have no business with other bodies' data beyond their own superiors'.
LOOKERS = STAFF - {Role.EXPERT, Role.CLASS_TEACHER}

nav(
    NavEntry(Group.PEOPLE, _("机构台账"), "organizations:list", "building", frozenset(LOOKERS), 10),
    NavEntry(Group.PEOPLE, _("机构树"), "organizations:tree", "sitemap", frozenset(LOOKERS), 11),
)


@search
def organizations_found(actor: Actor, text: str) -> Iterator[SearchHit]:
    """At most five organisations the actor sees. One query."""
    if actor.role not in LOOKERS:
        return
    for each in find(rows_of(actor), text).order_by("path")[:FOUND]:
        url = reverse("organizations:detail", args=[each.pk])
        yield SearchHit(_("机构"), each.name, url, each.get_kind_display())
