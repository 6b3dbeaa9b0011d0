"""An organisation is renamed, goes out of use, comes back."""

from __future__ import annotations

from django.utils.translation import gettext as _

from portal.accounts.models import Membership
from portal.errors import Invalid, WrongState
from portal.names import initials
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.versions import save_version
from portal.organizations.checks import require_sound
from portal.organizations.models import FormerName, Organization
from portal.organizations.permits import KEEPERS, managed
from portal.organizations.services.tree import lock_tree, require_place
from portal.text import normalise


def require_reason(reason: str) -> str:
    """Return the cleaned reason. Raises Invalid when there is none."""
    cleaned = normalise(reason, multiline=True)
    if not cleaned:
        raise Invalid(_("未填写理由。请写明办理依据或原因。"), field="reason")
    return cleaned


@operation("organizations.rename", _("机构更名"), roles=KEEPERS, scope=managed())
def rename(act: Act, organization: Organization, *, name: str, reason: str, version: int) -> Organization:
    """Give a new name; the former one is kept with the day until which it was borne.

    Papers and audit entries hold the name as it was. Source: 学校（机构）代码管理办法: a rename keeps the code.
    """
    act.reason = require_reason(reason)
    lock_tree()
    former, organization.name = organization.name, normalise(name)
    if organization.name == former:
        raise Invalid(_("新名称与现名称相同。请填写新的名称。"), field="name")
    require_sound(organization)
    save_version(organization, version, name=organization.name, initials=initials(organization.name))
    FormerName.objects.create(organization=organization, name=former, until=act.today)
    act.changed(organization, before={"name": former}, after={"name": organization.name})
    return organization


@operation("organizations.deactivate", _("停用机构"), roles=KEEPERS, scope=managed())
def deactivate(act: Act, organization: Organization, *, reason: str, version: int) -> Organization:
    """Take an organisation out of use and end its people's roles there.

    Raises WrongState while organisations in use stand under it or teachers belong to it: they go elsewhere first.
    """
    act.reason = require_reason(reason)
    lock_tree()
    _require_empty(organization)
    save_version(organization, version, active=False)
    ended = Membership.objects.current().filter(organization=organization).update(ended_at=act.now)
    act.changed(organization, before={"active": True}, after={"active": False, "memberships_ended": ended})
    return organization


def _require_empty(organization: Organization) -> None:
    if not organization.active:
        raise WrongState(_("“%(organization)s”已停用，无需重复办理。") % {"organization": organization})
    children = organization.children.filter(active=True).count()
    teachers = organization.teachers.filter(active=True).count()
    if children or teachers:
        message = _(
            "“%(organization)s”下还有%(children)d个在用机构、%(teachers)d名在岗教师。请先并入其他机构或办理调动。"
        )
        raise WrongState(message % {"organization": organization, "children": children, "teachers": teachers})


@operation("organizations.reactivate", _("恢复机构"), roles=KEEPERS, scope=managed())
def reactivate(act: Act, organization: Organization, *, reason: str, version: int) -> Organization:
    """Bring an organisation back into use. Ended roles stay ended; one that was merged stays merged."""
    act.reason = require_reason(reason)
    lock_tree()
    if organization.active or organization.merged_into_id:
        raise WrongState(_("只有停用且未并入其他机构的机构可以恢复。"))
    require_place(organization.kind, organization.parent)
    organization.active = True
    require_sound(organization)
    save_version(organization, version, active=True)
    act.changed(organization, before={"active": False}, after={"active": True})
    return organization
