"""The worker's part of an import. Each may be killed at any line, and be delivered twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from portal.errors import Conflict, DomainError
from portal.memory import uncollected
from portal.operations.actor import Actor
from portal.sheets import preview
from portal.sheets.imports import RowVerdict, find_kind, verdicts
from portal.sheets.marking import error_workbook
from portal.sheets.models import BatchState, ImportBatch, Outcome
from portal.sheets.reading import Reading, read
from portal.sheets.states import BATCH

Progress = Callable[[int, int], None]
_MOST_LISTED = 200


def _silent(done: int, total: int) -> None:
    """No one watches."""


@uncollected()
def preview_batch(batch_id: int, progress: Progress = _silent) -> bool:
    """Read and judge an uploaded file. True when this call made the preview, False when there was nothing to do.

    A file that cannot be taken leaves the batch refused with the reason; nothing is raised for it.
    """
    batch = ImportBatch.objects.select_related("organization", "uploader").get(pk=batch_id)
    if batch.state not in {BatchState.UPLOADED, BatchState.PARSING}:
        return False
    BATCH.apply(batch, "parse")
    try:
        reading, judged = _judged(batch, progress)
    except Conflict:
        raise
    except DomainError as refused:
        BATCH.apply(batch, "refuse", problem=str(refused.message))
        return False
    return _keep(batch, reading, judged)


def _judged(batch: ImportBatch, progress: Progress) -> tuple[Reading, list[RowVerdict]]:
    kind = find_kind(batch.kind)
    with batch.file.open("rb") as file:
        reading = read(file.read(), kind.layout(batch.context))
    progress(0, len(reading.rows))
    judged = verdicts(kind, batch, reading.rows)
    progress(len(judged), len(judged))
    return reading, judged


def _keep(batch: ImportBatch, reading: Reading, judged: list[RowVerdict]) -> bool:
    counts = Counter(verdict.outcome for verdict in judged)
    try:
        with transaction.atomic():
            BATCH.apply(
                batch,
                "preview",
                ready=counts[Outcome.READY],
                conflict=counts[Outcome.CONFLICT],
                error=counts[Outcome.ERROR],
                sheet_name=reading.sheet_name[:100],
                skipped=[[number, str(why)] for number, why in reading.skipped[:_MOST_LISTED]],
                unknown=[title[:100] for title in reading.unknown[:_MOST_LISTED]],
                previewed_at=timezone.now(),
            )
            preview.store(batch, judged)
    except Conflict:
        # Another delivery was first, or the owner cancelled: its word stands.
        return False
    return True


@uncollected()
def take_batch(batch_id: int, actor: Actor) -> bool:
    """Take the ready rows of a batch. True when this call took them, False when there was nothing to do.

    All in one transaction under the batch's lock: killed, nothing is half done; delivered twice, the second waits and
    finds it done. What the app refuses now puts the batch back to its preview, with the reason.
    """
    try:
        with transaction.atomic():
            return _take(batch_id, actor)
    except DomainError as refused:
        batch = ImportBatch.objects.get(pk=batch_id)
        BATCH.apply(batch, "return", problem=str(refused.message))
        return False


def _take(batch_id: int, actor: Actor) -> bool:
    rows = ImportBatch.objects.select_for_update(of=("self",)).select_related("organization", "uploader")
    batch = rows.get(pk=batch_id)
    if batch.state != BatchState.TAKING:
        return False
    kind = find_kind(batch.kind)
    ready = preview.ready_rows(batch, kind.layout(batch.context))
    receipt = kind.take(actor, batch, ready)
    BATCH.apply(batch, "finish", receipt=receipt.as_json(), taken_at=timezone.now())
    return True


def mark_batch(batch_id: int) -> bool:
    """Make the workbook in which the problems are marked. True when this call made it."""
    batch = ImportBatch.objects.get(pk=batch_id)
    findings = preview.all_findings(batch)
    if batch.marked or not findings:
        return False
    with batch.file.open("rb") as file:
        data = error_workbook(file.read(), findings)
    batch.marked.save("marked.xlsx", ContentFile(data), save=False)
    same = ImportBatch.objects.filter(pk=batch_id, marked="", previewed_at=batch.previewed_at)
    if same.update(marked=batch.marked.name):
        return True
    # Another delivery was first, or the preview is a new one: this file is nobody's.
    batch.marked.delete(save=False)
    return False
