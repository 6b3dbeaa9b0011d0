"""Drawing up annex 3-1 and 3-2 and issuing them. Source: CQ20-2.1, CQ20-A3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import Role
from portal.errors import Invalid, RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import within
from portal.operations.versions import save_version
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from programs.models import Program, ProgramState, Project
from quotas import ledger
from quotas.models import Quota, QuotaCell, QuotaTable, TableKind, TableState
from quotas.services.holders import holders

# (organisation id, project id) → seats
Grid = Mapping[tuple[int, int], int]

ROW_KINDS: dict[TableKind, Kind] = {TableKind.DISTRICTS: Kind.BUREAU, TableKind.COLLEGES: Kind.COLLEGE}


@operation(
    "quotas.open_table",
    gettext_lazy("编制名额分配表"),
    roles=[Role.PROGRAM_MANAGER],
    scope=within("office"),
    clauses=["CQ20-2.1", "CQ20-A3"],
    system=True,
)
def open_table(act: Act, program: Program, *, kind: TableKind) -> QuotaTable:
    """Return the programme's table of `kind`, made if it is not there."""
    table, made = QuotaTable.objects.get_or_create(program=program, kind=kind)
    act.changed(table, after={"made": made})
    return table


@operation(
    "quotas.edit_cells",
    gettext_lazy("编辑名额分配表"),
    roles=[Role.PROGRAM_MANAGER],
    scope=within("program.office"),
    clauses=["CQ20-2.1", "CQ20-A3"],
    system=True,
)
def edit_cells(act: Act, table: QuotaTable, *, version: int, grid: Grid, reason: str = "") -> QuotaTable:
    """Set the cells named in `grid`; 0 empties one. A table that was issued needs a reason, and is issued again.

    Raises Conflict when someone else saved meanwhile, Invalid for a row or column that does not belong.
    """
    if table.state == TableState.ISSUED and not reason.strip():
        raise Invalid(_("名额表已下达，调整须填写理由。"), field="reason")
    _check_members(table, grid)
    before = {(c.organization_id, c.project_id): c.seats for c in table.cells.all()}
    changed = {key: seats for key, seats in grid.items() if before.get(key, 0) != seats}
    save_version(table, version)
    _write_cells(table, changed)
    act.reason = reason
    act.changed(
        table, before={"total": sum(before.values())}, after={"total": sum({**before, **grid}.values())}
    )
    act.list_rows(
        {"organization": key[0], "project": key[1], "before": before.get(key, 0), "after": seats}
        for key, seats in changed.items()
    )
    return table


@operation(
    "quotas.issue_table",
    gettext_lazy("下达名额"),
    roles=[Role.PROGRAM_MANAGER],
    scope=within("program.office"),
    clauses=["CQ20-2.1"],
    system=True,
)
def issue_table(act: Act, table: QuotaTable, *, version: int) -> QuotaTable:
    """Make the cells seats: each organisation's quota is moved by the difference to what it has received.

    All tables and open quotas of a project together may not exceed its seats (总量控制). Seats that were passed on
    or are held cannot be taken back; the refusal names whose.
    """
    if table.program.state != ProgramState.PUBLISHED:
        raise RuleBroken(_("计划尚未发布，不能下达名额。请先发布计划。"), code="unpublished")
    projects = _lock_projects(table.program)
    wanted = {(c.organization_id, c.project_id): c.seats for c in table.cells.all()}
    _refuse_excess(table, wanted, projects)
    save_version(table, version, state=TableState.ISSUED, issued_at=act.now)
    quotas = _quotas_of(table, wanted)
    changes = {quotas[key].pk: wanted.get(key, 0) - quotas[key].received for key in quotas}
    ledger.receive(act, changes, reason=str(table))
    act.changed(
        table, after={"organizations": len({key[0] for key in wanted}), "seats": sum(wanted.values())}
    )
    told = {key[0] for key in quotas if changes[quotas[key].pk]}
    words = _("%(program)s的名额已下达，请及时分配。") % {"program": table.program}
    act.tell(holders(told), words, url="/quotas/")
    return table


def pending_changes(table: QuotaTable) -> list[dict[str, Any]]:
    """What issuing would change: a row for each quota that would get more or fewer seats than it has received.

    At most four queries.
    """
    wanted = _by_place(table.cells.all(), "seats")
    stored = _by_place(_issued_quotas(table), "received")
    changed = [key for key in wanted.keys() | stored.keys() if wanted.get(key, 0) != stored.get(key, 0)]
    organizations = Organization.objects.in_bulk({organization for organization, _project in changed})
    projects = Project.objects.in_bulk({project for _organization, project in changed})
    rows = [
        {
            "organization": organizations[key[0]],
            "project": projects[key[1]],
            "now": stored.get(key, 0),
            "then": wanted.get(key, 0),
        }
        for key in changed
    ]
    return sorted(rows, key=lambda row: (row["organization"].path, row["project"].code))


def _by_place(rows: QuerySet[Any], name: str) -> Grid:
    """The number `name` of each organisation in each project."""
    return {(row[0], row[1]): row[2] for row in rows.values_list("organization_id", "project_id", name)}


def _check_members(table: QuotaTable, grid: Grid) -> None:
    rows, columns = {key[0] for key in grid}, {key[1] for key in grid}
    reach = table.program.office.reach
    known = (
        Organization.objects.active().under(reach).of(ROW_KINDS[TableKind(table.kind)]).filter(pk__in=rows)
    )
    if known.count() != len(rows):
        raise Invalid(_("%(table)s中有不属于本表的单位。") % {"table": table}, field="organization")
    if Project.objects.filter(program=table.program, open_quota=False, pk__in=columns).count() != len(
        columns
    ):
        raise Invalid(_("表中有不属于本计划、或名额由基地另行通知的项目。"), field="project")
    if any(seats < 0 for seats in grid.values()):
        raise Invalid(_("名额不能为负数。"), field="seats")


def _write_cells(table: QuotaTable, changed: Grid) -> None:
    QuotaCell.objects.bulk_create(
        [
            QuotaCell(table=table, organization_id=organization, project_id=project, seats=seats)
            for (organization, project), seats in changed.items()
        ],
        update_conflicts=True,
        unique_fields=["table", "organization", "project"],
        update_fields=["seats"],
    )
    table.cells.filter(seats=0).delete()


def _lock_projects(program: Program) -> dict[int, Project]:
    """Issuing is rare and exclusive: two tables of one programme are issued one after the other."""
    return {each.pk: each for each in program.projects.order_by("pk").select_for_update()}


def _refuse_excess(table: QuotaTable, wanted: Grid, projects: Mapping[int, Project]) -> None:
    kind = ROW_KINDS[TableKind(table.kind)]
    elsewhere = Quota.objects.filter(project__program=table.program, parent=None).exclude(
        organization__kind=kind
    )
    sums = {
        row["project"]: row["total"] for row in elsewhere.values("project").annotate(total=Sum("received"))
    }
    for (_organization, project), seats in wanted.items():
        sums[project] = sums.get(project, 0) + seats
    over = [(projects[key], total) for key, total in sums.items() if total > projects[key].seats]
    if over:
        raise RuleBroken(
            "；".join(
                _("%(project)s：各表合计%(total)d个，超过项目人数%(seats)d人")
                % {"project": project, "total": total, "seats": project.seats}
                for project, total in over[:10]
            ),
            code="total_exceeded",
        )


def _issued_quotas(table: QuotaTable) -> QuerySet[Quota]:
    kind = ROW_KINDS[TableKind(table.kind)]
    rows = Quota.objects.filter(project__program=table.program, project__open_quota=False, parent=None)
    return rows.filter(organization__kind=kind)


def _quotas_of(table: QuotaTable, wanted: Grid) -> dict[tuple[int, int], Quota]:
    """The quota of each cell, made where missing, and of each organisation that no longer has a cell."""
    Quota.objects.bulk_create(
        [Quota(organization_id=organization, project_id=project) for organization, project in wanted],
        ignore_conflicts=True,
    )
    return {(each.organization_id, each.project_id): each for each in _issued_quotas(table)}
