"""Inviting one's own people: a link that works once, for a time, and is stored only as a digest. Real time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.delegation import INVITERS, ending, inviting, may_hand_on
from portal.accounts.models import Invitation, InvitationState, Membership, User
from portal.accounts.roles import HELD_IN, Role
from portal.accounts.services.memberships import hold
from portal.accounts.services.users import NewUser, make_user
from portal.crypto import digest
from portal.errors import Conflict, Invalid, NotAllowed, WrongState
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.registry import operation
from portal.organizations.models import Organization
from portal.text import normalise

LIFETIME = timedelta(days=7)

_STATES = {
    InvitationState.ACCEPTED: gettext_lazy(
        "此邀请已被接受，不能再次使用。请直接登录；忘记密码请联系本单位管理员。"
    ),
    InvitationState.REVOKED: gettext_lazy("此邀请已被撤回。如需加入，请联系邀请人重新邀请。"),
    InvitationState.EXPIRED: gettext_lazy("此邀请已过有效期。请联系邀请人重新邀请。"),
}


@dataclass(frozen=True)
class Issued:
    """An invitation and its token, which is shown only now."""

    invitation: Invitation
    token: str

    @property
    def url(self) -> str:
        """The public address on which it is accepted."""
        return f"{settings.PUBLIC_URL}{reverse('accounts:accept', args=[self.token])}"


@operation("accounts.invite", gettext_lazy("邀请人员"), roles=INVITERS, scope=inviting())
def invite(
    act: Act, organization: Organization, *, role: Role, name: str, phone: str = "", email: str = ""
) -> Issued:
    """Invite somebody to `role` in `organization` for seven days.

    Raises NotAllowed for a role the actor may not hand on there, Invalid without a name.
    """
    inviter = _require_handable(act.actor, role, organization)
    if not normalise(name):
        raise Invalid(_("请填写被邀请人的姓名。"), field="name")
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        organization=organization,
        role=role,
        name=normalise(name),
        phone=normalise(phone),
        email=email.strip(),
        invited_by=inviter,
        token_digest=token_digest(token),
        expires_at=timezone.now() + LIFETIME,
    )
    act.changed(invitation, after={"role": role, "organization": organization, "name": invitation.name})
    return Issued(invitation, token)


def _require_handable(actor: Actor, role: Role, organization: Organization) -> User:
    """Return the inviting person. Raises NotAllowed."""
    if (
        actor.user is None
        or organization.kind not in HELD_IN[role]
        or not may_hand_on(actor, role, organization)
    ):
        raise NotAllowed(
            _("您不能为“%(organization)s”邀请“%(role)s”。请改选角色，或请其上级单位办理。")
            % {"organization": organization, "role": role.label}
        )
    return actor.user


@operation(
    "accounts.revoke_invitation",
    gettext_lazy("撤回邀请"),
    roles=[Role.SECURITY_ADMIN, *INVITERS],
    scope=ending(),
)
def revoke_invitation(act: Act, invitation: Invitation) -> Invitation:
    """Make the link useless. Raises WrongState when it was accepted, revoked or has expired."""
    now = timezone.now()
    if not Invitation.objects.open(now).filter(pk=invitation.pk).update(revoked_at=now):
        invitation.refresh_from_db()
        raise WrongState(unusable(invitation) or _("此邀请已被处理，请刷新页面。"))
    invitation.revoked_at = now
    act.changed(invitation, after={"revoked_at": now})
    return invitation


def find_invitation(token: str) -> Invitation | None:
    """Return the invitation of `token`, in whatever state, or None."""
    found = Invitation.objects.filter(token_digest=token_digest(token))
    return found.select_related("organization", "invited_by").first()


def unusable(invitation: Invitation) -> str:
    """Return why it cannot be accepted now, "" when it can."""
    state = invitation.state_at(timezone.now())
    return str(_STATES[state]) if state in _STATES else ""


def accept_as_new(invitation: Invitation, account: NewUser, *, ip: str | None) -> User:
    """Make the account of the invited person and give it the role. See `accept`."""
    guest = replace(Actor.system(invitation.name), ip=ip)
    return _accept(guest, invitation, account=account).user


def accept_as_known(invitation: Invitation, user: User, *, ip: str | None) -> Membership:
    """Give the role to somebody who has an account and is signed in. See `accept`."""
    return _accept(replace(Actor.system(user.name), user=user, ip=ip), invitation, account=user)


@operation("accounts.accept_invitation", gettext_lazy("接受邀请"), system=True)
def _accept(act: Act, invitation: Invitation, *, account: NewUser | User) -> Membership:
    """Take up the invitation: exactly one acceptance succeeds, however many come at once.

    Raises Conflict for the others and for a link that no longer works, Invalid for a user name taken or a weak password.
    """
    claim(invitation)
    user = account if isinstance(account, User) else make_user(account, invitation)
    membership = hold(user, Role(invitation.role), invitation.organization, granted_by=invitation.invited_by)
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=user)
    act.changed(invitation, after={"accepted_by": user.username, "role": invitation.role})
    act.tell([invitation.invited_by], _("%(name)s已接受邀请") % {"name": user}, body=str(membership))
    return membership


def claim(invitation: Invitation) -> None:
    """Use the link up by one conditional update. Raises Conflict when it was used, revoked or has expired."""
    now = timezone.now()
    if not Invitation.objects.open(now).filter(pk=invitation.pk).update(accepted_at=now):
        invitation.refresh_from_db()
        raise Conflict(unusable(invitation) or _("此邀请刚被使用，请直接登录。"))


def token_digest(token: str) -> str:
    """Return by what an invitation is found."""
    return digest(token, purpose="invitation")
