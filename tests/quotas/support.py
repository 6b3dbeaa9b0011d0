"""Seats for quota tests: tables drawn up and issued, and what the ledger must always satisfy."""

from __future__ import annotations

from portal import clock
from portal.operations.act import Act
from portal.organizations.models import Organization
from programs.models import Project
from quotas import ledger
from quotas.models import Quota, QuotaTable, TableKind
from quotas.services import tables
from tests.programs.world import SYSTEM, World


def table_of(world: World, kind: TableKind = TableKind.DISTRICTS) -> QuotaTable:
    return tables.open_table(world.manager, world.program, kind=kind)


def plan(world: World, seats: dict[tuple[Organization, Project], int], reason: str = "") -> QuotaTable:
    """Write the cells; all organisations are of one table."""
    kinds = {str(key): kind for kind, key in tables.ROW_KINDS.items()}
    table = table_of(world, kinds[str(next(iter(seats))[0].kind)])
    grid = {(organization.pk, project.pk): number for (organization, project), number in seats.items()}
    return tables.edit_cells(world.manager, table, version=table.version, grid=grid, reason=reason)


def issue(world: World, seats: dict[tuple[Organization, Project], int], reason: str = "调整") -> QuotaTable:
    """Write the cells and issue the table."""
    table = plan(world, seats, reason)
    return tables.issue_table(world.manager, table, version=table.version)


def quota_of(organization: Organization, project: Project) -> Quota:
    rows = Quota.objects.select_related(
        "project__program__rulebook", "project__program__office", "organization", "parent__organization"
    )
    return rows.get(organization=organization, project=project)


def make_act() -> Act:
    return Act(SYSTEM, clock.now())


def balances(quota: Quota) -> tuple[int, int, int]:
    quota.refresh_from_db()
    return quota.received, quota.passed, quota.held


def assert_sound() -> None:
    """No balance differs from its movements, no parent from its children, nothing is overdrawn."""
    assert ledger.discrepancies() == []
    assert ledger.uneven() == []
    assert all(each.free >= 0 for each in Quota.objects.all())
