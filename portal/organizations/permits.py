"""Who may keep which organisations."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from portal.accounts.roles import Role
from portal.errors import NotAllowed
from portal.operations.actor import Actor
from portal.operations.scope import Scope
from portal.organizations.models import Organization

MANAGERS = (Role.PROVINCIAL_OFFICER, Role.PROGRAM_MANAGER)
BUREAUS = (Role.BUREAU_CLERK, Role.BUREAU_APPROVER)
ADMINS = (Role.SCHOOL_ADMIN, Role.COLLEGE_ADMIN, Role.BASE_ADMIN)
KEEPERS = (*MANAGERS, *BUREAUS)


def reaches(actor: Actor, organization: Organization) -> bool:
    """Whether `organization` lies in the actor's reach; the portal's own workers reach all."""
    return actor.is_system or bool(actor.organization and actor.organization.covers(organization))


def require_reach(actor: Actor, organization: Organization) -> None:
    """Raise NotAllowed for a second organisation (a new superior, a merge's target) out of the actor's reach."""
    if not reaches(actor, organization):
        message = _("“%(organization)s”不在您的管理范围内。请选择本级及下属机构。")
        raise NotAllowed(message % {"organization": organization})


def managed() -> Scope:
    """Managers: everything in their reach. Bureaus: what stands below them, not themselves."""
    return Scope("省级、项目办：本级及下属；区县：下属学校", _managed)


def _managed(actor: Actor, subject: Any) -> bool:
    if not isinstance(subject, Organization) or not reaches(actor, subject):
        return False
    return actor.role not in BUREAUS or subject != actor.organization
