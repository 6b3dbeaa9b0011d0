"""Roles of people: taking one up, granting, ending. `hold` is the only place that makes a membership."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.delegation import INVITERS, ending
from portal.accounts.models import Membership, User
from portal.accounts.roles import HELD_IN, SEPARATED, Role
from portal.accounts.services.sessions import end_sessions
from portal.errors import Conflict, DomainError, Invalid, NotAllowed, RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import within
from portal.organizations.models import Organization


@dataclass(frozen=True)
class RoleWish:
    """A role that somebody is to hold: the subject of granting."""

    user: User
    role: Role
    organization: Organization


def hold(user: User, role: Role, organization: Organization, *, granted_by: User | None) -> Membership:
    """Make `user` hold `role` in `organization` from now on, inside the caller's transaction.

    Raises Invalid for a role that such an organisation does not have or an inactive one, RuleBroken when a separated
    administrator would get another role (or somebody else a separated one beside theirs), Conflict when it is held.
    """
    # Two grants at once would each see the person without the other's role.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    held = Membership.objects.current().filter(user=user)
    if held.filter(role=role, organization=organization).exists():
        raise Conflict(_("%(user)s已担任此角色，无需重复授予。") % {"user": user})
    refused = _misplaced(role, organization) or _mixed(role, held.values_list("role", flat=True))
    if refused:
        raise refused
    return Membership.objects.create(user=user, role=role, organization=organization, granted_by=granted_by)


def _misplaced(role: Role, organization: Organization) -> DomainError | None:
    names = {"role": role.label, "organization": organization}
    if organization.kind not in HELD_IN[role]:
        return Invalid(_("“%(organization)s”不设“%(role)s”，请另选角色或机构。") % names, field="role")
    if not organization.active:
        return Invalid(_("“%(organization)s”已停用，不能再任命人员。") % names, field="organization")
    return None


def _mixed(role: Role, held: Iterable[str]) -> DomainError | None:
    roles = {Role(each) for each in held}
    if roles and (role in SEPARATED or roles & SEPARATED):
        return RuleBroken(
            _(
                "系统、安全、审计三类管理员须由不同的人担任，且不得兼任其他角色。请另选人员，或先终止其现任角色。"
            ),
            code="separated_administrators",
        )
    return None


@operation(
    "accounts.grant_role", gettext_lazy("授予角色"), roles=[Role.SECURITY_ADMIN], scope=within("organization")
)
def grant_role(act: Act, wish: RoleWish) -> Membership:
    """Give an existing person a role. Separated administrators are made only on the server, by its command."""
    if wish.role in SEPARATED:
        raise NotAllowed(_("系统、安全、审计管理员只能由运维人员在服务器上用命令设立，不能在页面上授予。"))
    if act.actor.user == wish.user:
        raise NotAllowed(_("不能给自己授予角色，请由另一位安全管理员办理。"))
    membership = hold(wish.user, wish.role, wish.organization, granted_by=act.actor.user)
    act.changed(membership, after={"role": wish.role, "organization": wish.organization})
    act.tell([wish.user], _("您被授予“%(role)s”角色") % {"role": membership})
    return membership


@operation(
    "accounts.end_membership",
    gettext_lazy("终止角色"),
    roles=[Role.SECURITY_ADMIN, *INVITERS],
    scope=ending(),
)
def end_membership(act: Act, membership: Membership, *, reason: str) -> Membership:
    """End somebody's role from now on. Raises Invalid without a reason, Conflict when it has ended already."""
    if not reason.strip():
        raise Invalid(_("请填写终止的理由，例如“调离本校”。"), field="reason")
    if act.actor.user == membership.user:
        raise NotAllowed(_("不能终止自己的角色，请由本单位其他管理员办理。"))
    now = timezone.now()
    if not Membership.objects.current().filter(pk=membership.pk).update(ended_at=now):
        raise Conflict(_("该角色已被他人终止，请刷新页面。"))
    membership.ended_at = now
    act.reason = reason.strip()
    act.changed(membership, before={"ended_at": None}, after={"ended_at": now})
    act.tell([membership.user], _("您的“%(role)s”角色已终止") % {"role": membership}, body=act.reason)
    return membership


def end_all(user: User) -> int:
    """End every role of `user` and their sessions, inside the caller's transaction; return how many roles."""
    ended = Membership.objects.current().filter(user=user).update(ended_at=timezone.now())
    end_sessions(user)
    return ended
