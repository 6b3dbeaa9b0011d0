"""What the page of a batch shows, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.sheets.imports import find_kind
from portal.sheets.layout import Sheet
from portal.sheets.models import BatchState, ImportBatch, Outcome
from portal.sheets.preview import PAGE_ROWS, PreviewRow, shown_rows
from portal.sheets.services.uploading import stalled


@dataclass(frozen=True)
class Tab:
    """One of the three lists of a preview."""

    outcome: Outcome
    count: int
    current: bool


def batch_context(batch: ImportBatch, query: Mapping[str, str]) -> dict[str, Any]:
    """What `sheets/_batch.html` needs; `tab` and `page` of the query choose what is listed. One query at most."""
    kind = find_kind(batch.kind)
    context = {
        "title": batch.number,
        "batch": batch,
        "kind": kind,
        "about": kind.about(batch.context),
        "stalled": stalled(batch),
    }
    if batch.state in {BatchState.PREVIEWED, BatchState.TAKING, BatchState.TAKEN}:
        context |= _preview(batch, kind.layout(batch.context), query)
    return context


def _preview(batch: ImportBatch, sheet: Sheet, query: Mapping[str, str]) -> dict[str, Any]:
    counts = {outcome: getattr(batch, outcome) for outcome in Outcome}
    chosen = _chosen(query.get("tab", ""), counts)
    pages = -(-counts[chosen] // PAGE_ROWS)
    number = min(max(_whole(query.get("page", "")), 1), max(pages, 1))
    rows = shown_rows(batch, sheet, chosen, number)
    return {
        "tabs": [Tab(outcome, count, outcome == chosen) for outcome, count in counts.items()],
        "outcome": chosen,
        "titles": _shown_titles(rows),
        "rows": rows,
        "problems": _problems(rows, sheet) if chosen != Outcome.READY else [],
        "page": number,
        "pages": pages,
    }


def _shown_titles(rows: list[PreviewRow]) -> list[str]:
    """The headings of the columns that hold anything on this page: empty ones would only push the rest aside."""
    return list(dict.fromkeys(title for row in rows for title, text, _sensitive in row.cells if text))


def _problems(rows: list[PreviewRow], sheet: Sheet) -> list[tuple[str, Any]]:
    """(who the row is about, the finding) for each finding."""
    indexes = [index for index, column in enumerate(sheet.columns) if column.key in sheet.who]
    return [
        (" ".join(row.cells[index][1] for index in indexes), each) for row in rows for each in row.findings
    ]


def _chosen(tab: str, counts: Mapping[Outcome, int]) -> Outcome:
    if tab in Outcome.values:
        return Outcome(tab)
    return next((outcome for outcome, count in counts.items() if count), Outcome.READY)


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 1
