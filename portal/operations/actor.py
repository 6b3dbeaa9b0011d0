"""Who acts, in which role, for which organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from portal.accounts.roles import Role

if TYPE_CHECKING:
    from portal.accounts.models import Membership, User
    from portal.organizations.models import Organization


@dataclass(frozen=True)
class Actor:
    """One person in one of their roles, or the system itself.

    `name` is the person's name as it is now: the audit keeps it as it was.
    """

    name: str
    user: User | None = None
    role: Role | None = None
    organization: Organization | None = None
    membership_id: int | None = None
    ip: str | None = None
    request_id: str = ""
    is_system: bool = False

    @classmethod
    def of(cls, membership: Membership, *, ip: str | None = None, request_id: str = "") -> Self:
        """The actor that a person is in one of their roles."""
        return cls(
            name=str(membership.user),
            user=membership.user,
            role=Role(membership.role),
            organization=membership.organization,
            membership_id=membership.pk,
            ip=ip,
            request_id=request_id,
        )

    @classmethod
    def system(cls, name: str) -> Self:
        """The portal's own workers and commands; only operations that say `system=True` take it."""
        return cls(name=name, is_system=True)

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user else None

    @property
    def is_trainee(self) -> bool:
        return self.role == Role.TRAINEE

    def has_role(self, *roles: Role) -> bool:
        return self.role in roles
