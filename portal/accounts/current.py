"""In which of their roles a signed-in person is acting now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from portal.accounts.client import client_ip, request_id
from portal.accounts.models import Membership
from portal.operations.actor import Actor

if TYPE_CHECKING:
    from django.http import HttpRequest

    from portal.accounts.models import User

SESSION_KEY = "membership"


def memberships_of(user: User) -> list[Membership]:
    """The roles that `user` holds now in organisations in use, oldest first. One query."""
    held = Membership.objects.current().filter(user=user, organization__active=True)
    found = list(held.select_related("organization__parent"))
    for each in found:
        each.user = user
    return found


def pick(memberships: Sequence[Membership], wanted: object) -> Membership | None:
    """The membership whose key is `wanted`, else the first, else None."""
    chosen = (each for each in memberships if each.pk == wanted)
    return next(chosen, memberships[0] if memberships else None)


def actor_in(request: HttpRequest, membership: Membership) -> Actor:
    """The person of `membership`, acting from where the request comes."""
    return Actor.of(membership, ip=client_ip(request), request_id=request_id())


def switch(request: HttpRequest, membership: Membership) -> None:
    """Let the session act in `membership` from now on, under a new key: another role, other powers."""
    request.session[SESSION_KEY] = membership.pk
    request.session.cycle_key()
