"""Where the files of print runs lie, and how they are written whole or not at all."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from pypdf import PdfReader, PdfWriter

if TYPE_CHECKING:
    from portal.papers.models import PaperBatch

# First page, counted from 0, and number of pages.
Range = tuple[int, int]
Member = tuple[str, bytes]
Write = Callable[[IO[bytes]], None]


def folder(batch: PaperBatch) -> Path:
    """The folder of one print run, readable by the portal alone."""
    path = Path(settings.MEDIA_ROOT) / "papers" / batch.folder.hex
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def write_part(batch: PaperBatch, write: Write) -> Path:
    """Let `write` fill a file beside its place; `Path.replace` then puts it there at once."""
    part = folder(batch) / f".{uuid4().hex}"
    part.touch(mode=0o600, exist_ok=False)
    with part.open("wb") as file:
        write(file)
    return part


def sha256(path: Path) -> str:
    """The SHA-256 of a file, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_book(file: IO[bytes], pdfs: Iterable[bytes]) -> None:
    """One PDF of all pages, in order."""
    ready = list(pdfs)
    if len(ready) == 1:
        file.write(ready[0])
        return
    writer = PdfWriter()
    for pdf in ready:
        writer.append(io.BytesIO(pdf), import_outline=False)
    writer.write(file)


def write_copies(file: IO[bytes], parts: Iterable[tuple[Path, list[Range]]], copies: int) -> None:
    """One PDF in which each range of each part stands `copies` times, whole papers one after another.

    The copies share their content, so three of each are hardly larger than one.
    """
    writer = PdfWriter()
    for path, ranges in parts:
        reader = PdfReader(path)
        for first, pages in ranges:
            for number in list(range(first, first + pages)) * copies:
                writer.add_page(reader.pages[number])
    writer.write(file)


def cut(path: Path, place: Range) -> bytes:
    """The PDF of the pages at `place`."""
    out = io.BytesIO()
    write_copies(out, [(path, [place])], 1)
    return out.getvalue()


def page_count(path: Path) -> int:
    return len(PdfReader(path).pages)


def write_zip(file: IO[bytes], files: Iterable[Member]) -> None:
    """A zip of files that are compressed already."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            archive.writestr(name, content)


def member(path: Path, index: int) -> bytes:
    """The file number `index` of a zip."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(archive.namelist()[index])
