"""Keeping the plan of annex 3 in step when root seats move after issue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import F

from quotas.models import Quota, QuotaCell, QuotaTable
from quotas.services.tables import ROW_KINDS


def shift_cells(quotas: Iterable[Quota], seats: Mapping[int, int]) -> None:
    """Add `seats[quota id]` to the planned number of each root quota; quotas below, or of open projects, have none.

    A plan that was meanwhile lowered stays at zero. The tables count as changed: whoever has one open is told.
    """
    planned = [each for each in quotas if each.parent_id is None and not each.project.open_quota]
    tables = _tables_of(planned)
    if not tables:
        return
    cells = {
        (cell.table_id, cell.organization_id, cell.project_id): cell.seats
        for cell in QuotaCell.objects.filter(table__in=tables.values()).select_for_update()
    }
    wanted = []
    for quota in planned:
        table = tables[quota.project.program_id, quota.organization.kind]
        before = cells.get((table, quota.organization_id, quota.project_id), 0)
        wanted.append(_cell(table, quota, max(0, before + seats[quota.pk])))
    QuotaCell.objects.bulk_create(
        wanted,
        update_conflicts=True,
        unique_fields=["table", "organization", "project"],
        update_fields=["seats"],
    )
    QuotaCell.objects.filter(table__in=tables.values(), seats=0).delete()
    QuotaTable.objects.filter(pk__in=set(tables.values())).update(version=F("version") + 1)


def _tables_of(quotas: Iterable[Quota]) -> dict[tuple[int, str], int]:
    """The tables by programme and kind of organisation."""
    rows = QuotaTable.objects.filter(program__in={each.project.program_id for each in quotas})
    found = rows.order_by("pk").select_for_update()
    return {(each.program_id, str(kind)): each.pk for each in found for kind in (_kind(each),)}


def _kind(table: QuotaTable) -> str:
    return next(kind.value for key, kind in ROW_KINDS.items() if key == table.kind)


def _cell(table: int, quota: Quota, seats: int) -> QuotaCell:
    return QuotaCell(
        table_id=table, organization_id=quota.organization_id, project_id=quota.project_id, seats=seats
    )
