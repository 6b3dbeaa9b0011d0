"""Whom to tell that seats have come."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from portal.accounts.models import User
from portal.accounts.roles import Role

ROLES = (Role.BUREAU_CLERK, Role.BUREAU_APPROVER, Role.COLLEGE_ADMIN, Role.SCHOOL_ADMIN)


def holders(organization_ids: Iterable[int]) -> QuerySet[User]:
    """The people who see to the seats of these bureaus, colleges and schools."""
    people: QuerySet[User] = User.objects.filter(
        is_active=True,
        memberships__organization__in=list(organization_ids),
        memberships__role__in=ROLES,
        memberships__ended_at=None,
    )
    return people.distinct()
