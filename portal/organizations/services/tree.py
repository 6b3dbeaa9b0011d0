"""The shape of the tree: who stands under whom, and the paths that follow from it."""

from __future__ import annotations

from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.versions import save_version
from portal.organizations.kinds import PARENTS, Kind
from portal.organizations.models import Organization
from portal.organizations.permits import MANAGERS, managed, require_reach

# Any number that no one else locks by; "ORGT" in ASCII.
_TREE_LOCK = 0x4F524754


def lock_tree() -> None:
    """Let one transaction at a time change the shape: a child made while its parent moves would keep the old path."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE_LOCK])


def require_place(kind: str, parent: Organization | None) -> None:
    """Raise Invalid unless an organisation of `kind` may stand under `parent`."""
    allowed = PARENTS[Kind(kind)]
    if parent is None and kind in {Kind.PROVINCE, Kind.MUNICIPALITY}:
        return
    if parent is None or parent.kind not in allowed:
        names = "、".join(str(Kind(each).label) for each in sorted(allowed)) or _("（无上级）")
        message = _("“%(kind)s”的上级只能是：%(names)s。请重新选择上级机构。")
        raise Invalid(message % {"kind": Kind(kind).label, "names": names}, field="parent")
    if not parent.active:
        message = _("上级机构“%(parent)s”已停用。请选择在用的机构。")
        raise Invalid(message % {"parent": parent}, field="parent")


def replant(organization: Organization, parent: Organization) -> int:
    """Put `organization` and all below it under `parent`; return how many paths changed. Two queries; locked."""
    old, new = organization.path, f"{parent.path}{organization.pk}/"
    Organization.objects.filter(pk=organization.pk).update(parent=parent)
    moved = Organization.objects.filter(path__startswith=old).update(
        path=Concat(Value(new), Substr(F("path"), len(old) + 1))
    )
    organization.parent, organization.path = parent, new
    return moved


@operation(
    "organizations.move",
    _("调整上级机构"),
    roles=MANAGERS,
    scope=managed(),
)
def move(
    act: Act, organization: Organization, *, parent: Organization, reason: str, version: int
) -> Organization:
    """Put an organisation with its whole subtree under another superior.

    Raises Invalid for a superior of the wrong kind, Conflict when someone changed it meanwhile.
    """
    lock_tree()
    parent.refresh_from_db()
    organization.refresh_from_db(fields=["path", "kind"])
    require_reach(act.actor, parent)
    require_place(organization.kind, parent)
    before = str(organization.parent)
    save_version(organization, version, parent=parent)
    moved = replant(organization, parent)
    act.reason = reason
    act.changed(organization, before={"parent": before}, after={"parent": str(parent), "moved": moved})
    return organization
