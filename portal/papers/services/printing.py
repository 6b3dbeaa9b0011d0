"""Printing a run chunk by chunk. Any step may be killed, or done twice, and each paper still stands in the result once.

A chunk's file has one name and is put in its place, with its rows, under the chunk's lock; whoever comes second throws
its own away. The lease only keeps two workers from the same work; nothing rests on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.db.models import Sum
from django.template.loader import render_to_string
from django.utils import timezone

from portal.papers import files
from portal.papers.kinds import find_kind
from portal.papers.models import IssuedPaper, Layout, PaperBatch, PaperChunk, PaperEntry
from portal.papers.render import engine
from portal.papers.services import issuing

LEASE = timedelta(seconds=60)


def claim(batch_id: int) -> int | None:
    """Take a free chunk of the run for LEASE and return its index; None when there is none now."""
    now = timezone.now()
    with transaction.atomic():
        rows = PaperChunk.objects.filter(batch=batch_id).free(now).order_by("index")
        chunk = rows.select_for_update(skip_locked=True, of=("self",)).first()
        if chunk is None:
            return None
        chunk.leased_until = now + LEASE
        chunk.save(update_fields=["leased_until"])
    return chunk.index


def release(batch_id: int, index: int) -> None:
    """Give a chunk back after a failure, so that the next try need not wait for the lease to end."""
    PaperChunk.objects.unfinished().filter(batch=batch_id, index=index).update(leased_until=None)


def print_free_chunk(batch_id: int) -> bool:
    """Claim and print one chunk; return whether there was one."""
    index = claim(batch_id)
    if index is None:
        return False
    try:
        render_chunk(batch_id, index)
    except Exception:
        release(batch_id, index)
        raise
    return True


def progress(batch_id: int) -> tuple[int, int]:
    """How many papers are printed, of how many."""
    total = PaperBatch.objects.values_list("total", flat=True).get(pk=batch_id)
    done = PaperChunk.objects.filter(batch=batch_id).exclude(done_at=None).aggregate(all=Sum("size"))["all"]
    return done or 0, total


def render_chunk(batch_id: int, index: int) -> bool:
    """Print one chunk; return False when it was printed already."""
    chunk = PaperChunk.objects.select_related("batch").get(batch=batch_id, index=index)
    if chunk.done_at is not None:
        return False
    entries = list(chunk.entries.order_by("position"))
    printed = _fill(chunk.batch, entries)
    sheets: list[tuple[bytes, list[int]]] = []
    if printed:
        per_file = 1 if chunk.batch.layout == Layout.FILES else engine().PAGES_PER_FILE
        sheets = list(engine().write_in_files((html for _entry, html in printed), per_file))
    _place([entry for entry, _html in printed], [pages for _pdf, counts in sheets for pages in counts])
    part = files.write_part(
        chunk.batch, lambda file: _write(file, chunk.batch.layout, [pdf for pdf, _counts in sheets])
    )
    return _settle(chunk, entries, part)


def _fill(batch: PaperBatch, entries: Sequence[PaperEntry]) -> list[tuple[PaperEntry, str]]:
    """Give each entry whose subject is still there its paper and label; return them with their HTML."""
    kind = find_kind(batch.kind)
    found = kind.rows().in_bulk([entry.subject_id for entry in entries])
    there = [entry for entry in entries if entry.subject_id in found]
    drafts = issuing.draft(kind, [found[entry.subject_id] for entry in there])
    papers = issuing.assign(kind, batch, drafts)
    filled: list[tuple[PaperEntry, str]] = []
    for entry, drafted, paper in zip(there, drafts, papers, strict=True):
        entry.paper, entry.label = paper, drafted.facts.holder[:64]
        context: dict[str, Any] = {**drafted.context, "paper": issuing.head(paper, batch)}
        filled.append((entry, render_to_string(kind.template, context)))
    return filled


def _place(entries: Sequence[PaperEntry], counts: Sequence[int]) -> None:
    first = 0
    for entry, pages in zip(entries, counts, strict=True):
        entry.first_page, entry.pages = first, pages
        first += pages


def _write(file: IO[bytes], layout: str, pdfs: Sequence[bytes]) -> None:
    if layout == Layout.FILES:
        files.write_zip(file, [(f"{number:05}.pdf", pdf) for number, pdf in enumerate(pdfs)])
    elif pdfs:
        files.write_book(file, pdfs)


def _settle(chunk: PaperChunk, entries: Sequence[PaperEntry], part: Path) -> bool:
    """Put the file in its place and its rows with it, unless another worker has done so."""
    with transaction.atomic():
        locked = PaperChunk.objects.select_for_update().get(pk=chunk.pk)
        if locked.done_at is not None:
            part.unlink()
            return False
        papers: list[IssuedPaper] = [entry.paper for entry in entries if entry.paper]
        if papers:
            issuing.issue(papers)
        PaperEntry.objects.bulk_update(entries, ["paper", "label", "first_page", "pages"])
        locked.sha256, locked.done_at = files.sha256(part), timezone.now()
        locked.save(update_fields=["sha256", "done_at"])
        part.replace(files.folder(chunk.batch) / chunk.file_name)
    return True
