"""Over which classes a base's people may act."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django.db.models import QuerySet

from portal.accounts.roles import OFFICE, Role
from portal.operations.actor import Actor
from portal.operations.scope import Scope
from programs.models import TrainingClass

RUNNERS = (Role.BASE_ADMIN, Role.CLASS_TEACHER)
FOLLOWERS = (*RUNNERS, *OFFICE, Role.PROVINCIAL_OFFICER)


def runs_class(path: str = "") -> Scope:
    """The class at `path` of the subject is run by the actor: the base's administrator, or the class's own teacher."""
    read = attrgetter(path) if path else None
    return Scope("本基地 / 本班", lambda actor, subject: is_run_by(actor, read(subject) if read else subject))


def is_run_by(actor: Actor, training_class: Any) -> bool:
    """Whether the actor administers the class's base or is its class teacher."""
    if not isinstance(training_class, TrainingClass) or actor.organization is None:
        return False
    if training_class.base_id != actor.organization.pk:
        return False
    return actor.has_role(Role.BASE_ADMIN) or (
        actor.has_role(Role.CLASS_TEACHER) and training_class.class_teacher_id == actor.user_id
    )


def followed_by(actor: Actor) -> QuerySet[TrainingClass]:
    """The classes in whose daily work the actor has a part: a base's, a class teacher's own, all of them for the office."""
    rows = TrainingClass.objects.visible_to(actor).published()
    if actor.has_role(*OFFICE, Role.PROVINCIAL_OFFICER):
        return rows
    if actor.organization is None or actor.role not in RUNNERS:
        return rows.none()
    own = rows.filter(base=actor.organization)
    return own if actor.has_role(Role.BASE_ADMIN) else own.filter(class_teacher=actor.user)
