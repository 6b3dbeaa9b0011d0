"""Bringing a sheet through upload, preview and taking, as the page and the worker do."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.operations.actor import Actor
from portal.sheets.imports import find_kind
from portal.sheets.models import ImportBatch, Outcome
from portal.sheets.preview import PreviewRow, shown_rows
from portal.sheets.services.running import preview_batch, take_batch
from portal.sheets.services.uploading import take, upload


def book(head: Sequence[str], *rows: Sequence[Any]) -> bytes:
    """An xlsx of a heading row and rows."""
    made = openpyxl.Workbook()
    for row in (head, *rows):
        made.active.append(list(row))
    file = BytesIO()
    made.save(file)
    return file.getvalue()


def preview(actor: Actor, kind: str, data: bytes) -> ImportBatch:
    """Upload and judge."""
    batch = upload(actor, None, kind=kind, file=SimpleUploadedFile("表格.xlsx", data))
    preview_batch(batch.pk)
    return ImportBatch.objects.get(pk=batch.pk)


def shown(batch: ImportBatch, outcome: Outcome) -> list[PreviewRow]:
    """The first page of one tab of the preview."""
    return shown_rows(batch, find_kind(batch.kind).layout(batch.context), outcome, 1)


def said(batch: ImportBatch) -> dict[int, str]:
    """Row number → what was found, joined; rows without findings are left out."""
    rows = [row for outcome in Outcome for row in shown(batch, outcome)]
    return {row.number: " ".join(each.message for each in row.findings) for row in rows if row.findings}


def taken(actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Confirm and take."""
    take(actor, batch)
    take_batch(batch.pk, actor)
    return ImportBatch.objects.get(pk=batch.pk)
