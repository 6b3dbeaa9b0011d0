"""Writing the audit: one entry an act."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from portal import clock
from portal.operations.models import AuditEntry, Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from portal.errors import Text
    from portal.operations.act import Act
    from portal.operations.actor import Actor
    from portal.operations.registry import Operation


@dataclass(frozen=True)
class Event:
    """What happens outside any operation and must be on record all the same: signing in, a refused sign-in."""

    code: str
    label: Text


class _Encoder(DjangoJSONEncoder):
    """Anything that has a name may stand in the audit."""

    def default(self, o: Any) -> Any:
        try:
            return super().default(o)
        except TypeError:
            return str(o)


def done(operation: Operation[Any, Any, Any], act: Act) -> AuditEntry:
    """Write the entry of an act that was carried out."""
    entry = _entry(operation, act.actor, act.subject, act.now)
    entry.before, entry.after = _plain(act.before), _plain(act.after)
    entry.rows, entry.reason = _plain(act.rows), act.reason
    entry.save(force_insert=True)
    return entry


def refused(operation: Operation[Any, Any, Any], actor: Actor, subject: object) -> AuditEntry:
    """Write the entry of an act that the actor may not do."""
    entry = _entry(operation, actor, subject if isinstance(subject, models.Model) else None, clock.now())
    entry.outcome = Outcome.REFUSED
    entry.save(force_insert=True)
    return entry


def happened(event: Event, actor: Actor, subject: models.Model | None, *, outcome: Outcome) -> AuditEntry:
    """Write the entry of an event."""
    entry = _entry(event, actor, subject, clock.now())
    entry.outcome = outcome
    entry.save(force_insert=True)
    return entry


def _entry(
    operation: Operation[Any, Any, Any] | Event, actor: Actor, subject: models.Model | None, at: datetime
) -> AuditEntry:
    organization = actor.organization
    return AuditEntry(
        business_at=at,
        operation=operation.code,
        label=str(operation.label),
        user=actor.user,
        actor_name=actor.name,
        role=actor.role or "",
        organization_id=organization.pk if organization else None,
        organization_name=organization.name if organization else "",
        ip=actor.ip,
        request_id=actor.request_id,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        subject_label=str(subject)[:200] if subject is not None else "",
    )


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, cls=_Encoder, ensure_ascii=False))
