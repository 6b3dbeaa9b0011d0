"""The grids of quota tables and of splitting: rows, columns and both margins, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.people.codes import Stage
from programs.models import Project
from quotas.models import Quota, QuotaTable, TableKind
from quotas.services.tables import ROW_KINDS

STAGE_OF = {TableKind.DISTRICTS: Stage.SECONDARY_VOCATIONAL, TableKind.COLLEGES: Stage.HIGHER_VOCATIONAL}


@dataclass(frozen=True)
class Line:
    """One organisation's row: a number (or None) for each column, and their sum."""

    organization: Organization
    cells: Sequence[tuple[Project, int | None]]
    total: int


@dataclass(frozen=True)
class Column:
    """One project's column: its sum here, what other tables and open quotas give it, and its seats."""

    project: Project
    total: int
    elsewhere: int

    @property
    def over(self) -> bool:
        return self.total + self.elsewhere > self.project.seats


@dataclass(frozen=True)
class Grid:
    table: QuotaTable
    columns: Sequence[Column]
    lines: Sequence[Line]
    total: int


def grid(table: QuotaTable) -> Grid:
    """The whole table. Four queries, whatever its size."""
    kind = TableKind(table.kind)
    projects = [each for each in _projects(table) if STAGE_OF[kind] in (each.audience.stages or list(Stage))]
    reach = table.program.office.reach
    rows = Organization.objects.active().under(reach).of(ROW_KINDS[kind]).order_by("path")
    cells = {(c.organization_id, c.project_id): c.seats for c in table.cells.all()}
    elsewhere = _elsewhere(table)
    lines = [_line(each, projects, cells) for each in rows]
    columns = [Column(each, _sum(cells, each.pk), elsewhere.get(each.pk, 0)) for each in projects]
    return Grid(table, columns, lines, sum(cells.values()))


def _projects(table: QuotaTable) -> list[Project]:
    rows = table.program.projects.filter(open_quota=False).select_related("audience")
    return list(rows.order_by("code"))


def _line(
    organization: Organization, projects: Sequence[Project], cells: Mapping[tuple[int, int], int]
) -> Line:
    row = [(each, cells.get((organization.pk, each.pk))) for each in projects]
    return Line(organization, row, sum(seats or 0 for _project, seats in row))


def _sum(cells: Mapping[tuple[int, int], int], project: int) -> int:
    return sum(seats for (_organization, column), seats in cells.items() if column == project)


def _elsewhere(table: QuotaTable) -> dict[int, int]:
    """What the programme's other table gives each project."""
    rows = (
        table.program.quota_tables.exclude(pk=table.pk)
        .values("cells__project")
        .annotate(total=Sum("cells__seats"))
    )
    return {row["cells__project"]: row["total"] or 0 for row in rows if row["cells__project"]}


def schools_of(quota: Quota) -> list[dict[str, Any]]:
    """The bureau's schools with what each received, holds and has free of the project. Two queries."""
    children = {each.organization_id: each for each in quota.children.all()}
    schools = Organization.objects.active().under(quota.organization).of(Kind.SCHOOL).order_by("path")
    return [{"school": each, "quota": children.get(each.pk)} for each in schools]


def takers_of(project: Project) -> list[dict[str, Any]]:
    """The bureaus and colleges that a base may notify, with what each received. Two queries."""
    stored = {each.organization_id: each for each in project.quotas.filter(parent=None)}
    reach = project.program.office.reach
    rows = Organization.objects.active().under(reach).of(Kind.BUREAU, Kind.COLLEGE).order_by("kind", "path")
    return [{"organization": each, "quota": stored.get(each.pk)} for each in rows]
