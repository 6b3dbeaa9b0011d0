"""What hangs on an organisation elsewhere and must follow it when it is merged into another.

    @on_merge
    def move_teachers(act: Act, source: Organization, into: Organization) -> JSON: ...

A follower runs inside the merge's transaction, costs a constant number of queries, and returns what it moved: the
counts stand in the audit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.operations.act import Act
    from portal.organizations.models import Organization

Follower = Callable[["Act", "Organization", "Organization"], dict[str, Any]]

_followers: list[Follower] = []


def on_merge(follower: Follower) -> Follower:
    """Add a follower, once."""
    if follower not in _followers:
        _followers.append(follower)
    return follower


def merge_followers() -> tuple[Follower, ...]:
    return tuple(_followers)
