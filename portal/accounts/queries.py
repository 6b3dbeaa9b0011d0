"""What the pages of accounts read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.sessions.models import Session
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from portal.accounts.delegation import kinds_below, offered_roles
from portal.accounts.models import ApiToken, Membership, SignIn, User
from portal.organizations.models import Organization

if TYPE_CHECKING:
    from datetime import datetime

    from portal.operations.actor import Actor

SHOWN_SIGN_INS = 20


@dataclass(frozen=True)
class OpenSession:
    """One place where the person is signed in. `current`: this one."""

    sign_in: SignIn
    expires_at: datetime
    current: bool


def open_sessions(user: User, current: str | None) -> list[OpenSession]:
    """The living sessions of `user`, newest first. Two queries."""
    rows = {each.session_key: each for each in SignIn.objects.filter(user=user).exclude(session_key="")}
    living = Session.objects.filter(session_key__in=list(rows), expire_date__gt=timezone.now())
    found = [
        OpenSession(rows[each.session_key], each.expire_date, each.session_key == current) for each in living
    ]
    return sorted(found, key=lambda each: each.sign_in.pk, reverse=True)


def latest_sign_ins(user: User) -> QuerySet[SignIn]:
    """The last attempts to sign in, newest first, failed ones too."""
    return SignIn.objects.filter(user=user)[:SHOWN_SIGN_INS]


def valid_tokens(user: User) -> QuerySet[ApiToken]:
    return ApiToken.objects.valid(timezone.now()).filter(user=user)


# What a membership says of itself in a list.
_NAMED_BY = ("role", "user", "granted_at", "ended_at", "organization__name", "organization__short_name")


def people_of(actor: Actor) -> QuerySet[User]:
    """The people whom the actor sees, each with the current roles that the actor sees in `shown`. Two queries."""
    seen = Membership.objects.current().visible_to(actor).select_related("organization").only(*_NAMED_BY)
    people: QuerySet[User] = User.objects.visible_to(actor)
    return people.prefetch_related(Prefetch("memberships", queryset=seen, to_attr="shown"))


def invitable_organizations(actor: Actor) -> QuerySet[Organization]:
    """The actor's own organisation, and those of its reach into which the actor may invite."""
    own = actor.organization
    if own is None or not offered_roles(actor):
        return Organization.objects.none()
    below = Q(path__startswith=own.reach.path, kind__in=kinds_below(actor))
    return Organization.objects.active().filter(Q(pk=own.pk) | below)
