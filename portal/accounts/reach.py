"""Whose accounts a role looks after: seeing people, resetting their passwords."""

from __future__ import annotations

from typing import Any

from portal.accounts.delegation import may_hand_on
from portal.accounts.models import Membership, User
from portal.accounts.roles import SEPARATED, Role
from portal.operations.actor import Actor
from portal.operations.scope import Scope


def caring() -> Scope:
    """People of whom every role lies in the actor's hands.

    Whoever resets a password can sign in as that person: so a school's administrator never resets a person who is
    also a provincial officer, and no separated administrator resets another.
    """
    return Scope("所管用户", may_care)


def may_care(actor: Actor, user: Any) -> bool:
    """Whether `actor` may act on the account of `user` as a whole. One query."""
    if not isinstance(user, User) or user == actor.user:
        return False
    held = list(Membership.objects.current().filter(user=user).select_related("organization__parent"))
    if actor.role == Role.SYSTEM_ADMIN:
        return not any(each.role in SEPARATED for each in held) and _in_reach(actor, held)
    return bool(held) and all(may_hand_on(actor, Role(each.role), each.organization) for each in held)


def _in_reach(actor: Actor, held: list[Membership]) -> bool:
    own = actor.organization
    return own is not None and all(own.covers(each.organization) for each in held)
