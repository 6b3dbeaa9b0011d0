"""Who may keep which teachers' records."""

from __future__ import annotations

from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.operations.scope import Scope
from portal.organizations.models import Organization
from portal.people.models import VIEWERS, Teacher, Transfer

SCHOOLS = (Role.SCHOOL_ADMIN, Role.COLLEGE_ADMIN)
KEEPERS = (*SCHOOLS, Role.BUREAU_CLERK, Role.BUREAU_APPROVER, Role.PROGRAM_MANAGER)
READERS = tuple(sorted(VIEWERS))


def keeps() -> Scope:
    """Staff: teachers of the schools in their reach. A trainee: the own record."""
    return Scope("本级及下属学校的教师；学员：本人", _keeps)


def _keeps(actor: Actor, teacher: Teacher) -> bool:
    if actor.is_trainee:
        return actor.user is not None and teacher.user_id == actor.user.pk
    return actor.organization is not None and actor.organization.covers(teacher.school)


def asked() -> Scope:
    """The side of a transfer that asked for it."""
    return Scope("发起学校", lambda actor, transfer: actor.organization == transfer.asked_by)


def answers() -> Scope:
    """The side of a transfer that has to agree."""
    return Scope("对方学校", lambda actor, transfer: actor.organization == other_side(transfer))


def other_side(transfer: Transfer) -> Organization:
    """The school that did not ask."""
    return transfer.target if transfer.asked_by_id == transfer.source_id else transfer.source
