"""Two organisations become one: what belongs to the first goes to the second, and the history stays readable."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from portal.accounts.models import Membership
from portal.errors import Conflict, Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.versions import changed_meanwhile, save_version
from portal.organizations.hooks import merge_followers
from portal.organizations.models import Organization
from portal.organizations.permits import KEEPERS, managed, require_reach
from portal.organizations.services.lifecycle import require_reason
from portal.organizations.services.tree import lock_tree, replant


@operation("organizations.merge", _("机构合并"), roles=KEEPERS, scope=managed())
def merge(act: Act, source: Organization, *, into: Organization, reason: str, version: int) -> Organization:
    """Merge `source` into `into`, which is returned; `source` goes out of use and points to it.

    Children, roles, teachers and whatever apps hang on `portal.organizations.hooks` follow. Papers, audit entries
    and finished business keep the old organisation. Raises Invalid when the two cannot be one.
    """
    act.reason = require_reason(reason)
    lock_tree()
    source, into = _locked(source, into)
    if source.version != version:
        raise changed_meanwhile(source)
    require_reach(act.actor, into)
    _require_mergeable(source, into)
    moved = {"children": _move_children(source, into), "memberships": _move_memberships(act, source, into)}
    save_version(source, version, active=False, merged_into=into)
    for follower in merge_followers():
        moved |= follower(act, source, into)
    act.changed(source, before={"active": True}, after={"merged_into": str(into), **moved})
    return into


def _locked(source: Organization, into: Organization) -> tuple[Organization, Organization]:
    rows = Organization.objects.select_for_update().order_by("pk").in_bulk([source.pk, into.pk])
    return rows[source.pk], rows[into.pk]


def _require_mergeable(source: Organization, into: Organization) -> None:
    if source == into:
        raise Invalid(_("不能将机构并入其自身。请选择另一机构。"), field="into")
    if not (source.active and into.active):
        raise Invalid(_("已停用的机构不能合并。请刷新后核对两个机构的状态。"), field="into")
    if source.kind != into.kind:
        raise Invalid(_("只能合并同类机构。请选择类别相同的机构。"), field="into")
    if into.path.startswith(source.path):
        raise Invalid(_("不能将机构并入其下级。请选择另一机构。"), field="into")


def _move_children(source: Organization, into: Organization) -> int:
    children = list(source.children.all())
    taken = set(into.children.filter(active=True).values_list("kind", "name"))
    for child in children:
        if child.active and (child.kind, child.name) in taken:
            message = _("两个机构下都有“%(name)s”。请先合并或更名这两个下级机构。")
            raise Conflict(message % {"name": child.name}, code="child_name_taken")
    for child in children:
        replant(child, into)
    return len(children)


def _move_memberships(act: Act, source: Organization, into: Organization) -> int:
    """Roles go along; one the person already holds in the other organisation ends. Three queries."""
    current = Membership.objects.current()
    there: Any = set(current.filter(organization=into).values_list("user_id", "role"))
    doubled = [
        pk
        for pk, user, role in current.filter(organization=source).values_list("pk", "user_id", "role")
        if (user, role) in there
    ]
    Membership.objects.filter(pk__in=doubled).update(ended_at=act.now)
    return current.filter(organization=source).update(organization=into)
