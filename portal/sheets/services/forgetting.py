"""Uploads that came to nothing do not stay: they hold personal data."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from portal.sheets.models import BatchState, ImportBatch, PreviewPage
from portal.sheets.states import BATCH

KEPT = timedelta(days=30)
_CHUNK = 200
_NOTHING = (BatchState.REFUSED, BatchState.CANCELLED)


def forget_old() -> int:
    """Give up previews that nobody took in a month; remove rows and files of what came to nothing.

    Returns how many batches lost their file. A taken batch keeps its file, the evidence of what was sent; its preview
    goes. Safe to run twice and in pieces.
    """
    before = timezone.now() - KEPT
    old = ImportBatch.objects.filter(created_at__lt=before)
    BATCH.apply_to(old.filter(state=BatchState.PREVIEWED), "cancel")
    PreviewPage.objects.filter(batch__in=old.filter(state__in=(*_NOTHING, BatchState.TAKEN))).delete()
    found = list(old.filter(state__in=_NOTHING).exclude(file="")[:_CHUNK])
    for batch in found:
        _remove_files(batch)
    return len(found)


def _remove_files(batch: ImportBatch) -> None:
    """Remove the files first: killed in between, the next run finds the row again."""
    batch.file.delete(save=False)
    batch.marked.delete(save=False)
    ImportBatch.objects.filter(pk=batch.pk).update(file="", marked="")
