"""The import of annex 3-1 and 3-2: cells, both margins checked. Source: CQ20-2.1, CQ20-A3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import Invalid
from portal.operations.actor import Actor
from portal.organizations.models import Organization
from portal.sheets.findings import CellFinding
from portal.sheets.imports import Context, ImportKind, ReadyRow, Receipt, RowVerdict, register
from portal.sheets.layout import Sheet
from portal.sheets.models import ImportBatch, Outcome
from portal.sheets.reading import ParsedRow
from quotas import queries, sheets
from quotas.models import QuotaTable, TableKind
from quotas.services.tables import ROW_KINDS, edit_cells


def _table_of(actor: Actor, key: object) -> QuotaTable:
    rows = QuotaTable.objects.visible_to(actor).select_related("program__office__parent", "program__rulebook")
    found = rows.filter(pk=str(key)).first() if str(key).isdecimal() else None
    if found is None:
        raise Invalid(_("没有找到要导入的名额分配表，请从名额页面进入。"), field="table")
    return found


def _prepare(actor: Actor, params: Mapping[str, str]) -> Context:
    table = _table_of(actor, params.get("table"))
    refused = edit_cells.refusal(actor, table)
    if refused:
        raise refused
    return {"table": table.pk, "name": str(table), "version": table.version}


def _sheet(context: Context) -> Sheet:
    table = QuotaTable.objects.select_related("program__office__parent").get(pk=context["table"])
    return sheets.layout(table, [each.project for each in queries.grid(table).columns])


def _judge(batch: ImportBatch, rows: Sequence[ParsedRow]) -> Iterator[RowVerdict]:
    """One verdict a row; the sheet's own 合计 row is compared, not taken."""
    table = QuotaTable.objects.select_related("program__office__parent").get(pk=batch.context["table"])
    names = _names(table)
    body = [row for row in rows if row.values["organization"] != sheets.TOTAL]
    seen: set[int] = set()
    for row in rows:
        if row in body:
            yield _verdict(row, names, seen)
        else:
            findings = list(_column_sums(row, body))
            yield RowVerdict(row, Outcome.ERROR if findings else Outcome.READY, findings, {"total": True})


def _verdict(row: ParsedRow, names: Mapping[str, int], seen: set[int]) -> RowVerdict:
    key = names.get(row.values["organization"])
    if key is None:
        words = _("“%(name)s”不是本表的单位，请核对名称") % {"name": row.values["organization"]}
        return RowVerdict(row, Outcome.ERROR, [row.finding("organization", words)])
    if key in seen:
        return RowVerdict(row, Outcome.ERROR, [row.finding("organization", _("此单位在表中重复出现"))])
    seen.add(key)
    total, cells = row.values.get("total"), sum(_cells(row.values).values())
    if total is not None and total != cells:
        words = _("行合计为%(total)d，与各格之和%(cells)d不一致") % {"total": total, "cells": cells}
        return RowVerdict(row, Outcome.ERROR, [row.finding("total", words)])
    return RowVerdict(row, Outcome.READY, [], {"organization": key})


def _column_sums(row: ParsedRow, body: Sequence[ParsedRow]) -> Iterator[CellFinding]:
    for key, stated in _cells(row.values).items():
        found = sum(each.values.get(key) or 0 for each in body)
        if stated != found:
            words = _("列合计为%(stated)d，与各行之和%(found)d不一致") % {"stated": stated, "found": found}
            yield row.finding(key, words)


def _take(actor: Actor, batch: ImportBatch, rows: Sequence[ReadyRow]) -> Receipt:
    table = _table_of(actor, batch.context["table"])
    grid = {
        (row.payload["organization"], int(key.removeprefix("p"))): seats
        for row in rows
        if "organization" in row.payload
        for key, seats in _cells(row.values).items()
    }
    edit_cells(actor, table, version=batch.context["version"], grid=grid, reason=_("导入名额分配表"))
    lines = [(_("名额"), str(sum(grid.values())))]
    return Receipt(len(rows), lines, reverse("quotas:table", args=[table.pk]))


def _cells(values: Mapping[str, object]) -> dict[str, int]:
    return {
        key: int(str(value or 0))
        for key, value in values.items()
        if key.startswith("p") and key[1:].isdecimal()
    }


def _names(table: QuotaTable) -> dict[str, int]:
    """The organisations of the table by each name they go by."""
    rows = (
        Organization.objects.active().under(table.program.office.reach).of(ROW_KINDS[TableKind(table.kind)])
    )
    return {name: each.pk for each in rows for name in (each.name, each.short_name) if name}


register(
    ImportKind(
        code="quotas.table",
        label=gettext_lazy("名额分配表（附件3）"),
        sheet=_sheet,
        judge=_judge,
        take=_take,
        prepare=_prepare,
        about=lambda context: str(context["name"]),
    )
)
