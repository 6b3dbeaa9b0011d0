"""What the pages of organisations show."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from portal.operations.actor import Actor
from portal.organizations.models import Organization


def level(actor: Actor, parent: Organization | None) -> QuerySet[Organization]:
    """One level of the tree: what stands directly under `parent`, else the top of what the actor sees. One query."""
    visible = Organization.objects.visible_to(actor)
    rows = visible.filter(parent=parent) if parent is not None else visible.exclude(parent__in=visible)
    below = Count("children", filter=Q(children__in=visible))
    return rows.annotate(below=below).order_by("-active", "kind", "initials", "pk")


def chain(organization: Organization) -> list[Organization]:
    """The superiors, root first. One query."""
    found = Organization.objects.in_bulk(organization.ancestor_ids)
    return [found[key] for key in organization.ancestor_ids]
