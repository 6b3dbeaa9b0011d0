"""Annex 3-1 and 3-2 as workbooks: organisations down, projects across, both margins. Source: CQ20-A3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext as _

from portal.sheets.export import export
from portal.sheets.kinds import Integer, Text
from portal.sheets.layout import Column, Sheet
from programs.models import Project
from quotas import queries
from quotas.models import QuotaTable

TOTAL = "合计"


def layout(table: QuotaTable, projects: list[Project]) -> Sheet:
    """The table's layout: a column for each project, then the row's sum. Column keys are `p<project key>`."""
    return Sheet(
        "quotas.table",
        table.get_kind_display(),
        [
            Column("organization", _("单位"), Text(max_length=100), required=True, width=24),
            *(_column(each) for each in projects),
            Column("total", TOTAL, Integer(), width=7),
        ],
        note=(_("行为单位，列为项目编号；空白表示没有名额。行、列合计须与各格之和一致。"),),
        who=("organization",),
        frozen=1,
    )


def export_table(table: QuotaTable) -> tuple[IO[bytes], str]:
    """The table with both margins, and its file name."""
    grid = queries.grid(table)
    title = f"{table.program}{table.get_kind_display()}"
    sheet = layout(table, [each.project for each in grid.columns])
    return export(sheet, _rows(grid), title=title), f"{title}.xlsx"


def _column(project: Project) -> Column:
    return Column(f"p{project.pk}", project.code, Integer(maximum=100_000), width=5, above=project.name)


def _rows(grid: queries.Grid) -> Iterator[dict[str, Any]]:
    for line in grid.lines:
        cells = {f"p{project.pk}": seats for project, seats in line.cells}
        yield {"organization": line.organization.name, **cells, "total": line.total}
    totals = {f"p{each.project.pk}": each.total for each in grid.columns}
    yield {"organization": TOTAL, **totals, "total": grid.total}
