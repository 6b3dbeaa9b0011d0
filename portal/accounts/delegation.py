"""Which roles a role may hand on to its own people, and where."""

from __future__ import annotations

from dataclasses import dataclass

from portal.accounts.roles import HELD_IN, SEPARATED, Role
from portal.operations.actor import Actor
from portal.operations.scope import Scope
from portal.organizations.models import Organization


@dataclass(frozen=True)
class Delegation:
    """`by` may invite people into `roles`: in its own organisation, or with `below` anywhere in its reach."""

    by: Role
    roles: frozenset[Role]
    below: bool = False

    def holds(self, actor: Actor, role: Role, organization: Organization) -> bool:
        """Whether this line lets `actor` hand `role` to somebody in `organization`."""
        own = actor.organization
        if own is None or actor.role != self.by or role not in self.roles:
            return False
        return own.covers(organization) if self.below else own == organization


def _own(by: Role, *roles: Role) -> Delegation:
    return Delegation(by, frozenset(roles))


def _below(by: Role, *roles: Role) -> Delegation:
    return Delegation(by, frozenset(roles), below=True)


# A clerk never makes an approver: who proposes must not choose who decides.
DELEGATIONS: tuple[Delegation, ...] = (
    _own(Role.PROVINCIAL_OFFICER, Role.PROVINCIAL_OFFICER, Role.FINANCE_OFFICER),
    _below(Role.PROVINCIAL_OFFICER, Role.PROGRAM_MANAGER),
    _own(Role.PROGRAM_MANAGER, Role.PROGRAM_MANAGER, Role.OFFICE_REVIEWER, Role.FINANCE_OFFICER, Role.EXPERT),
    _below(
        Role.PROGRAM_MANAGER,
        Role.BUREAU_APPROVER,
        Role.BUREAU_CLERK,
        Role.COLLEGE_ADMIN,
        Role.BASE_ADMIN,
        Role.EXPERT,
    ),
    _own(Role.BUREAU_APPROVER, Role.BUREAU_APPROVER, Role.BUREAU_CLERK),
    _below(Role.BUREAU_APPROVER, Role.SCHOOL_ADMIN),
    _own(Role.BUREAU_CLERK, Role.BUREAU_CLERK),
    _below(Role.BUREAU_CLERK, Role.SCHOOL_ADMIN),
    _own(Role.SCHOOL_ADMIN, Role.SCHOOL_ADMIN),
    _own(Role.COLLEGE_ADMIN, Role.COLLEGE_ADMIN),
    _own(Role.BASE_ADMIN, Role.BASE_ADMIN, Role.CLASS_TEACHER, Role.FINANCE_OFFICER, Role.EXPERT),
)
INVITERS = tuple(dict.fromkeys(each.by for each in DELEGATIONS))
# Those who look after other people's accounts.
CARERS = (Role.SYSTEM_ADMIN, *INVITERS)


def may_hand_on(actor: Actor, role: Role, organization: Organization) -> bool:
    """Whether `actor` may invite somebody to `role` in `organization`, or end such a membership."""
    return any(each.holds(actor, role, organization) for each in DELEGATIONS)


def may_grant(actor: Actor, role: Role, organization: Organization) -> bool:
    """Whether `actor` grants roles as security administrator. Nobody grants the separated ones from within."""
    covers = actor.organization is not None and actor.organization.covers(organization)
    return actor.role == Role.SECURITY_ADMIN and role not in SEPARATED and covers


def may_end(actor: Actor, role: Role, organization: Organization) -> bool:
    """Whether `actor` may end a membership of `role` in `organization`."""
    return may_grant(actor, role, organization) or may_hand_on(actor, role, organization)


def roles_for(actor: Actor, organization: Organization) -> list[Role]:
    """The roles to which `actor` may invite in `organization`, in the order of the roles."""
    kind = organization.kind
    return [role for role in Role if kind in HELD_IN[role] and may_hand_on(actor, role, organization)]


def inviting() -> Scope:
    """Organisations into which the actor may invite at least somebody."""
    return Scope("可邀请范围", lambda actor, subject: bool(subject and roles_for(actor, subject)))


def ending() -> Scope:
    """Memberships (and invitations) that the actor may end."""
    return Scope("可授权范围", lambda actor, held: may_end(actor, Role(held.role), held.organization))


def offered_roles(actor: Actor) -> list[Role]:
    """The roles that `actor` may hand on somewhere, for the choice on the form."""
    offered = {role for each in DELEGATIONS if each.by == actor.role for role in each.roles}
    return [role for role in Role if role in offered]


def kinds_below(actor: Actor) -> set[str]:
    """The kinds of organisation below the actor's own into which `actor` may invite, for the choice on the form."""
    below = {role for each in DELEGATIONS if each.by == actor.role and each.below for role in each.roles}
    return {str(kind) for role in below for kind in HELD_IN[role]}
