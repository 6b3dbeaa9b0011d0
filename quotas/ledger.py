"""The ledger's door: every change of a balance is one conditional statement and one movement beside it.

Nothing here checks who may; operations do. Nothing here reads a balance and writes it back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from portal.errors import RuleBroken
from portal.operations.act import Act
from quotas.models import MovementKind, Quota, QuotaMovement

# Takes one more seat of a quota only where one is free. One row, one statement, no lock held before it.
_TAKE = """
    UPDATE quotas_quota SET held = held + %s
    WHERE id = %s AND received - passed - held >= %s
    RETURNING id
"""


@dataclass(frozen=True)
class Change:
    """What one movement adds to the three balances."""

    received: int = 0
    passed: int = 0
    held: int = 0


def hold(act: Act, quota: Quota, seats: int = 1, *, nomination_id: int | None = None) -> None:
    """Take `seats` free seats. Raises RuleBroken when fewer are free; then nothing is taken."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [seats, quota.pk, seats])
        if cursor.fetchone() is None:
            raise overdrawn(quota)
    _write(act, MovementKind.HOLD, {quota.pk: Change(held=seats)}, nomination_ids={quota.pk: nomination_id})


def hold_many(act: Act, wanted: Mapping[int, int]) -> None:
    """Take `wanted[quota id]` seats of each quota or none at all. Two statements whatever their number."""
    _move(act, MovementKind.HOLD, {key: Change(held=seats) for key, seats in wanted.items() if seats})


def release_many(act: Act, returned: Mapping[int, int], *, reason: str = "") -> None:
    """Give back `returned[quota id]` held seats of each quota."""
    _move(
        act,
        MovementKind.RELEASE,
        {key: Change(held=-seats) for key, seats in returned.items() if seats},
        reason=reason,
    )


def release(act: Act, quota_id: int, seats: int = 1, *, reason: str = "") -> None:
    """Give back held seats."""
    release_many(act, {quota_id: seats}, reason=reason)


def receive(act: Act, quotas: Mapping[int, int], *, reason: str = "") -> None:
    """Issue seats from outside the tree (a quota table, or the base of an open project); negative takes them back."""
    _move(
        act,
        MovementKind.ISSUE,
        {key: Change(received=seats) for key, seats in quotas.items() if seats},
        reason=reason,
    )


def pass_down(
    act: Act, parent: Quota, children: Mapping[int, int], *, kind: MovementKind, reason: str = ""
) -> None:
    """Give seats of `parent` to its children (negative numbers reclaim). Sums stay equal in one transaction."""
    total = sum(children.values())
    changes = {key: Change(received=seats) for key, seats in children.items() if seats}
    # The side that gives is moved first, so that a shortage is found before anything is given.
    if total >= 0:
        _move(act, kind, {parent.pk: Change(passed=total)}, reason=reason)
        _move(act, kind, changes, other=parent.pk, reason=reason)
    else:
        _move(act, kind, changes, other=parent.pk, reason=reason)
        _move(act, kind, {parent.pk: Change(passed=total)}, reason=reason)


def move_between(act: Act, source: Quota, target: Quota, seats: int, *, reason: str) -> None:
    """Move free seats from one quota to another of the same parent; their sum stays what it was."""
    lock([source.pk, target.pk])
    _move(act, MovementKind.TRANSFER, {source.pk: Change(received=-seats)}, other=target.pk, reason=reason)
    _move(act, MovementKind.TRANSFER, {target.pk: Change(received=seats)}, other=source.pk, reason=reason)


def reclaim(act: Act, parents: Mapping[int, int], back: Mapping[int, int], *, reason: str) -> None:
    """Bring seats up from many quotas at once: `back[quota id]` seats each, to the quota `parents[quota id]`."""
    lock({*parents.values(), *back})
    sums: Counter[int] = Counter()
    for key, seats in back.items():
        sums[parents[key]] += seats
    given = {key: Change(received=-seats) for key, seats in back.items() if seats}
    _move(act, MovementKind.RECLAIM, given, other=parents, reason=reason)
    taken = {key: Change(passed=-seats) for key, seats in sums.items() if seats}
    _move(act, MovementKind.RECLAIM, taken, reason=reason)


def lock(quota_ids: Iterable[int]) -> dict[int, Quota]:
    """Lock quotas in key order, the one order that keeps movers of several rows from waiting in a ring."""
    rows = Quota.objects.filter(pk__in=list(quota_ids)).order_by("pk").select_for_update()
    return {each.pk: each for each in rows}


def rebuild(quota_ids: Iterable[int]) -> None:
    """Set balances to the sums of their movements. The database refuses sums that would be overdrawn."""
    locked = lock(quota_ids)
    sums = balances_from_movements(locked)
    for key, quota in locked.items():
        change = sums.get(key, Change())
        quota.received, quota.passed, quota.held = change.received, change.passed, change.held
    Quota.objects.bulk_update(locked.values(), ["received", "passed", "held"])


def balances_from_movements(quota_ids: Iterable[int] | None = None) -> dict[int, Change]:
    """Return each quota's balances as the sums of its movements: what the stored ones must equal."""
    rows = QuotaMovement.objects.all()
    if quota_ids is not None:
        rows = rows.filter(quota__in=list(quota_ids))
    sums = rows.order_by().values("quota_id").annotate(r=Sum("received"), p=Sum("passed"), h=Sum("held"))
    return {row["quota_id"]: Change(row["r"], row["p"], row["h"]) for row in sums}


def discrepancies() -> list[tuple[Quota, Change]]:
    """Quotas whose balances differ from their movements; an empty list is the only good answer."""
    rebuilt = balances_from_movements()
    stored = Quota.objects.select_related("organization", "project")
    return [
        (quota, rebuilt.get(quota.pk, Change()))
        for quota in stored
        if rebuilt.get(quota.pk, Change()) != Change(quota.received, quota.passed, quota.held)
    ]


def uneven() -> list[tuple[Quota, int]]:
    """Quotas that passed on another number than their children received, with the children's sum."""
    rows = Quota.objects.order_by().exclude(parent=None).values("parent_id").annotate(total=Sum("received"))
    below = {row["parent_id"]: row["total"] for row in rows}
    quotas = Quota.objects.select_related("organization", "project").filter(Q(passed__gt=0) | Q(pk__in=below))
    return [(each, below.get(each.pk, 0)) for each in quotas if each.passed != below.get(each.pk, 0)]


def overdrawn(quota: Quota) -> RuleBroken:
    """The refusal that says whose seats of which project are used up."""
    quota.refresh_from_db()
    return RuleBroken(
        _(
            "%(organization)s在项目%(project)s的名额不足：共%(received)d个，已分出%(passed)d个，已占用%(held)d个，剩余%(free)d个。"
        )
        % {
            "organization": quota.organization.label,
            "project": quota.project.code,
            "received": quota.received,
            "passed": quota.passed,
            "held": quota.held,
            "free": quota.free,
        },
        code="quota_overdrawn",
    )


def _move(
    act: Act,
    kind: MovementKind,
    changes: Mapping[int, Change],
    *,
    other: int | Mapping[int, int] | None = None,
    reason: str = "",
) -> None:
    """Apply each change where it leaves no balance below zero; raise for the first quota where it would."""
    if not changes:
        return
    _apply(changes)
    _write(act, kind, changes, other=other, reason=reason)


def _apply(changes: Mapping[int, Change]) -> None:
    """One UPDATE over all changed rows, in key order, so that two bulk moves never wait for each other in a ring."""
    keys = sorted(changes)
    if len(keys) > 1:
        lock(keys)
    rows = ", ".join(["(%s::bigint, %s::int, %s::int, %s::int)"] * len(keys))
    values = [
        each for key in keys for each in (key, changes[key].received, changes[key].passed, changes[key].held)
    ]
    statement = f"""
        UPDATE quotas_quota AS q
        SET received = q.received + c.r, passed = q.passed + c.p, held = q.held + c.h
        FROM (VALUES {rows}) AS c(id, r, p, h)
        WHERE q.id = c.id
          AND q.received + c.r - q.passed - c.p - q.held - c.h >= 0
          AND q.received + c.r >= 0 AND q.passed + c.p >= 0 AND q.held + c.h >= 0
        RETURNING q.id
    """  # noqa: S608 - only placeholders are joined in
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        moved = {row[0] for row in cursor.fetchall()}
    missed = [key for key in keys if key not in moved]
    if missed:
        raise overdrawn(Quota.objects.select_related("organization", "project").get(pk=missed[0]))


def _write(
    act: Act,
    kind: MovementKind,
    changes: Mapping[int, Change],
    *,
    other: int | Mapping[int, int] | None = None,
    reason: str = "",
    nomination_ids: Mapping[int, int | None] | None = None,
) -> None:
    QuotaMovement.objects.bulk_create(
        QuotaMovement(
            quota_id=key,
            kind=kind,
            received=change.received,
            passed=change.passed,
            held=change.held,
            counterpart_id=other.get(key) if isinstance(other, Mapping) else other,
            nomination_id=(nomination_ids or {}).get(key),
            reason=reason,
            by=act.actor.user,
            by_name=act.actor.name,
            at=act.now,
        )
        for key, change in changes.items()
    )
