"""Whose money one sees: the base's people their own classes, the office, its authority and auditors all. CQ20-5.5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.accounts.roles import OFFICE, Role
from portal.organizations.kinds import Kind
from programs.models import TrainingClass

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.operations.actor import Actor

READS_ALL = (*OFFICE, Role.PROVINCIAL_OFFICER, Role.AUDIT_ADMIN)
# The base's people who keep its money.
KEEPERS = (Role.BASE_ADMIN, Role.FINANCE_OFFICER)


def classes_with_money(actor: Actor) -> QuerySet[TrainingClass]:
    """The classes whose money the actor may see."""
    rows = TrainingClass.objects.visible_to(actor)
    if actor.is_system or reads_all(actor):
        return rows
    return rows.filter(base=actor.organization) if actor.has_role(*KEEPERS) else rows.none()


def reads_all(actor: Actor) -> bool:
    """Whether the actor sees every base's money: a finance officer does so outside a base."""
    if actor.has_role(Role.FINANCE_OFFICER):
        return actor.organization is not None and actor.organization.kind != Kind.BASE
    return actor.has_role(*READS_ALL)


def keeps(actor: Actor, training_class: TrainingClass) -> bool:
    """Whether the class's money is the actor's own to keep."""
    organization = actor.organization
    return actor.has_role(*KEEPERS) and organization is not None and organization.pk == training_class.base_id
