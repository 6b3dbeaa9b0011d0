"""Over whose things a role may act: predicates that read like a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from portal.operations.actor import Actor
from portal.organizations.models import Organization


@dataclass(frozen=True)
class Scope:
    """A named predicate `(actor, subject) -> bool`; `|` joins two. `label` is printed in the permission matrix."""

    label: str
    allows: Callable[[Actor, Any], bool]

    def __or__(self, other: Scope) -> Scope:
        return Scope(
            f"{self.label} / {other.label}",
            lambda actor, subject: self.allows(actor, subject) or other.allows(actor, subject),
        )


def anywhere() -> Scope:
    """No bound beyond the role's."""
    return Scope("全部", lambda actor, subject: True)


def within(path: str) -> Scope:
    """The organisation at `path` of the subject (`""`: the subject itself) lies in the actor's reach."""
    return Scope(
        "本级及下属",
        lambda actor, subject: bool(actor.organization and _covers(actor.organization, _at(subject, path))),
    )


def own(path: str) -> Scope:
    """The organisation at `path` of the subject is the actor's own."""
    return Scope(
        "本单位", lambda actor, subject: bool(actor.organization and _at(subject, path) == actor.organization)
    )


def oneself(path: str) -> Scope:
    """The person at `path` of the subject is the actor."""
    return Scope(
        "本人", lambda actor, subject: actor.user is not None and _value(subject, path) == actor.user
    )


def _covers(organization: Organization, other: Organization | None) -> bool:
    return other is not None and organization.covers(other)


def _value(subject: Any, path: str) -> Any:
    return attrgetter(path)(subject) if path else subject


def _at(subject: Any, path: str) -> Organization | None:
    value = _value(subject, path)
    return value if isinstance(value, Organization) else None
