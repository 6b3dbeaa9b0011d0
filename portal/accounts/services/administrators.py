"""The three separated administrators. They are made on the server only, so that none of them can make another."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import Membership, User
from portal.accounts.roles import SEPARATED, Role
from portal.accounts.services.memberships import hold
from portal.accounts.services.sessions import end_sessions
from portal.accounts.services.tokens import revoke_all
from portal.accounts.services.users import Opened, open_account
from portal.errors import Conflict, Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.organizations.models import Organization

USERNAMES = {
    Role.SYSTEM_ADMIN: "sysadmin",
    Role.SECURITY_ADMIN: "secadmin",
    Role.AUDIT_ADMIN: "auditadmin",
}


def holders(role: Role) -> list[Membership]:
    """Who can act as `role` now."""
    current = Membership.objects.current().filter(role=role, user__is_active=True)
    return list(current.select_related("user", "organization"))


@operation("accounts.create_administrator", gettext_lazy("设立管理员"), system=True)
def create_administrator(act: Act, organization: Organization, *, role: Role) -> Opened:
    """Make an account that holds `role` in `organization`, with a one-time password.

    Raises Invalid for a role that is none of the three or an organisation that has none, Conflict when it is held.
    """
    if role not in SEPARATED:
        raise Invalid(_("此命令只设立系统、安全、审计三类管理员。"), field="role")
    if holders(role):
        raise Conflict(_("%(role)s已有人担任；如须更换，请使用 --replace。") % {"role": role.label})
    opened = open_account(username=_free_username(USERNAMES[role]), name=str(role.label))
    hold(opened.user, role, organization, granted_by=None)
    act.changed(opened.user, after={"role": role, "username": opened.user.username})
    return opened


@operation("accounts.retire_administrator", gettext_lazy("更换管理员"), system=True)
def retire_administrator(act: Act, membership: Membership) -> None:
    """End the role and shut the account of a separated administrator, so that somebody else can be made one."""
    Membership.objects.current().filter(pk=membership.pk).update(ended_at=timezone.now())
    User.objects.filter(pk=membership.user_id).update(is_active=False)
    end_sessions(membership.user)
    revoke_all(membership.user)
    act.changed(membership, after={"ended": True, "is_active": False})


def _free_username(stem: str) -> str:
    """`stem`, or the first of `stem2`, `stem3`, … that nobody has: former administrators keep theirs."""
    taken = set(User.objects.filter(username__startswith=stem).values_list("username", flat=True))
    names = (f"{stem}{number}" if number > 1 else stem for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)
