"""How a preview rests: pages of a hundred rows as encrypted JSON, so that each look loads one page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from portal.bulk import copy_in
from portal.sheets.findings import CellFinding
from portal.sheets.imports import ReadyRow, RowVerdict
from portal.sheets.layout import Sheet
from portal.sheets.models import ImportBatch, Outcome, PreviewPage

PAGE_ROWS = 100


@dataclass(frozen=True)
class PreviewRow:
    """One row as it is shown: (heading, text, whether it is to be masked) by column, and what was found."""

    number: int
    cells: list[tuple[str, str, bool]]
    findings: list[CellFinding]


def store(batch: ImportBatch, verdicts: Sequence[RowVerdict]) -> None:
    """Write the preview in place of an earlier one: two statements however many rows."""
    PreviewPage.objects.filter(batch=batch).delete()
    pages = []
    for outcome in Outcome:
        rows = [_stored(verdict) for verdict in verdicts if verdict.outcome == outcome]
        for start in range(0, len(rows), PAGE_ROWS):
            text = json.dumps(rows[start : start + PAGE_ROWS], default=str, ensure_ascii=False)
            pages.append(PreviewPage(batch=batch, outcome=outcome, number=start // PAGE_ROWS + 1, rows=text))
    copy_in(pages)


def shown_rows(batch: ImportBatch, sheet: Sheet, outcome: Outcome, number: int) -> list[PreviewRow]:
    """The rows of one page (from 1); empty when there is no such page."""
    page = PreviewPage.objects.filter(batch=batch, outcome=outcome, number=number).first()
    return [_shown(stored, sheet) for stored in json.loads(page.rows)] if page else []


def ready_rows(batch: ImportBatch, sheet: Sheet) -> list[ReadyRow]:
    """Every row that is to be taken, in the file's order. One query."""
    stored = _all(batch, Outcome.READY)
    return [ReadyRow(each["n"], sheet.load(each["v"]), each["p"]) for each in stored]


def all_findings(batch: ImportBatch) -> list[CellFinding]:
    """Every finding, in the file's order. One query."""
    rows = sorted(_all(batch, *Outcome), key=lambda each: int(each["n"]))
    return [CellFinding.from_json(finding) for each in rows for finding in each["f"]]


def _all(batch: ImportBatch, *outcomes: Outcome) -> Iterator[dict[str, Any]]:
    pages: Iterable[PreviewPage] = PreviewPage.objects.filter(batch=batch, outcome__in=outcomes)
    for page in pages:
        yield from json.loads(page.rows)


def _stored(verdict: RowVerdict) -> dict[str, Any]:
    row, findings = verdict.row, [finding.as_json() for finding in verdict.findings]
    values = {key: value for key, value in row.values.items() if value is not None}
    return {"n": row.number, "v": values, "p": verdict.payload, "f": findings}


def _shown(stored: dict[str, Any], sheet: Sheet) -> PreviewRow:
    values = sheet.load(stored["v"])
    cells = [
        (str(each.title), each.kind.show(values.get(each.key)), each.kind.sensitive) for each in sheet.columns
    ]
    return PreviewRow(stored["n"], cells, [CellFinding.from_json(finding) for finding in stored["f"]])
