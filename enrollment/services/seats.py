"""Whose seats a nomination takes, and giving them back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from enrollment.models import Nomination
from portal.operations.act import Act
from portal.organizations.models import Organization
from quotas import ledger
from quotas.models import Quota


def quotas_for(
    organizations: Iterable[Organization], projects: Iterable[int]
) -> dict[tuple[int, int], Quota]:
    """The quotas of some organisations and their superiors, by (organisation, project). One query."""
    keys = {key for each in organizations for key in (*each.ancestor_ids, each.pk)}
    rows = Quota.objects.filter(organization__in=keys, project__in=set(projects)).select_related(
        "organization", "project"
    )
    return {(each.organization_id, each.project_id): each for each in rows}


def choose_quota(
    quotas: dict[tuple[int, int], Quota], organization: Organization, project_id: int
) -> Quota | None:
    """The organisation's own quota, or its superior's when it was given none. Source: CQ20-2.2."""
    for key in (organization.pk, *reversed(organization.ancestor_ids)):
        quota = quotas.get((key, project_id))
        if quota is not None:
            return quota
    return None


def own_quotas(organization: Organization, projects: Iterable[int]) -> dict[int, Quota]:
    """By project, the quota whose seats `organization` takes. One query."""
    wanted = set(projects)
    quotas = quotas_for([organization], wanted)
    chosen = ((key, choose_quota(quotas, organization, key)) for key in wanted)
    return {key: quota for key, quota in chosen if quota}


def hold_seats(act: Act, nominations: Iterable[Nomination]) -> None:
    """Take a seat for each of `nominations`, or raise and take none."""
    ledger.hold_many(act, Counter(each.quota_id for each in nominations))


def release_seats(act: Act, nominations: Iterable[Nomination], *, reason: str) -> None:
    """Give back the seat of each of `nominations`.

    A substitute's seat stays: it is kept for the next one, until that is given up (see `substitutes`). CQ20-3.4.
    """
    rows = [each for each in nominations if each.substitute_for_id is None]
    ledger.release_many(act, Counter(each.quota_id for each in rows), reason=reason)


def release_kept_seat(act: Act, substitute: Nomination, *, reason: str) -> None:
    """Give back the seat that was kept for a substitute, when no other one will come."""
    ledger.release(act, substitute.quota_id, reason=reason)
