"""Joining the chunks of a run into what people download."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.errors import Conflict, DomainError, WrongState
from portal.papers import files
from portal.papers.models import Layout, PaperBatch, PaperChunk, PaperEntry

UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def assemble(batch_id: int) -> PaperBatch:
    """Join the printed chunks; harmless when done already. Raises WrongState while a chunk is missing."""
    batch = PaperBatch.objects.get(pk=batch_id)
    if batch.finished_at is not None:
        return batch
    if batch.chunks.unfinished().exists():
        raise WrongState(_("“%(batch)s”尚未全部打印，不能合并。") % {"batch": batch})
    chunks = list(batch.chunks.order_by("index").prefetch_related("entries"))
    if not any(entry.pages for chunk in chunks for entry in chunk.entries.all()):
        raise Conflict(_("所选人员的记录均已被删除，没有可打印的内容。请刷新列表后重新选择。"))
    for chunk in chunks:
        chunk.batch = batch
    part = files.write_part(batch, lambda file: _write(file, batch, chunks))
    return _settle(batch, part)


def chunk_path(chunk: PaperChunk) -> Path:
    """Where the file of a printed chunk lies."""
    return files.folder(chunk.batch) / chunk.file_name


def _write(file: IO[bytes], batch: PaperBatch, chunks: list[PaperChunk]) -> None:
    if batch.layout == Layout.FILES:
        files.write_zip(file, _members(chunks))
    else:
        files.write_copies(file, _parts(chunks), batch.copies)


def _printed(chunk: PaperChunk) -> list[PaperEntry]:
    return sorted((entry for entry in chunk.entries.all() if entry.pages), key=lambda entry: entry.position)


def _parts(chunks: list[PaperChunk]) -> Iterator[tuple[Path, list[files.Range]]]:
    for chunk in chunks:
        printed = _printed(chunk)
        if printed:
            yield (
                whole(chunk_path(chunk), chunk.sha256),
                [(entry.first_page, entry.pages) for entry in printed],
            )


def _members(chunks: list[PaperChunk]) -> Iterator[files.Member]:
    for chunk in chunks:
        path = whole(chunk_path(chunk), chunk.sha256)
        for index, entry in enumerate(_printed(chunk)):
            name = UNSAFE.sub("_", f"{entry.position + 1:04} {entry.label}".strip())
            yield f"{name}.pdf", files.member(path, index)


def whole(path: Path, sha256: str) -> Path:
    """`path`, if it is the file that was registered. Raises DomainError otherwise."""
    if not path.is_file() or files.sha256(path) != sha256:
        raise DomainError(
            _("打印文件缺失或与登记的校验值不一致，不能提供下载。请重新打印，并告知系统管理员检查文件存储。"),
            code="file_damaged",
        )
    return path


def _settle(batch: PaperBatch, part: Path) -> PaperBatch:
    with transaction.atomic():
        locked = PaperBatch.objects.select_for_update().get(pk=batch.pk)
        if locked.finished_at is not None:
            part.unlink()
            return locked
        book = locked.layout == Layout.BOOK
        locked.file_name = "papers.pdf" if book else "papers.zip"
        locked.pages = files.page_count(part) if book else 0
        locked.sha256, locked.finished_at = files.sha256(part), timezone.now()
        locked.save(update_fields=["file_name", "pages", "sha256", "finished_at"])
        part.replace(files.folder(locked) / locked.file_name)
    return locked
