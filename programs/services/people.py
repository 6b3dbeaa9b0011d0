"""Whom the services of this app tell."""

from __future__ import annotations

from django.db.models import QuerySet

from portal.accounts.models import Membership, User
from portal.accounts.roles import OFFICE, Role
from portal.organizations.models import Organization

BASE = (Role.BASE_ADMIN, Role.CLASS_TEACHER)


def staff_of(organization: Organization, *roles: Role) -> QuerySet[User]:
    """The active people who now hold one of `roles` in the organisation."""
    held = Membership.objects.current().filter(role__in=roles, organization=organization)
    found: QuerySet[User] = User.objects.filter(is_active=True, pk__in=held.values("user_id"))
    return found


def base_people(base: Organization) -> QuerySet[User]:
    """The base's administrators."""
    return staff_of(base, Role.BASE_ADMIN)


def office_people(office: Organization) -> QuerySet[User]:
    return staff_of(office, *OFFICE)
