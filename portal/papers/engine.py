"""WeasyPrint, set up once per process. Import it only through `portal.papers.render`, which prepares the fonts first."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from portal.papers.fetcher import BASE_URL, StaticOnly

# A document in memory costs about 2.3 MB a page; a file of this many keeps a worker under 300 MB.
PAGES_PER_FILE = 50

# Pango's font map is not made for threads, and a web process has several.
_lock = threading.RLock()
_fetcher = StaticOnly()
_fonts = FontConfiguration()
_css = CSS(filename=str(Path(__file__).with_name("paper.css")), font_config=_fonts, url_fetcher=_fetcher)


def lay_out(html: str) -> Any:
    """Return the WeasyPrint document of one paper. Raises FatalURLFetchingError for an address it may not load.

    Images are kept with their document, not for the process: photos come as data, and would pile up.
    """
    with _lock:
        source = HTML(string=html, base_url=BASE_URL, url_fetcher=_fetcher)
        return source.render(font_config=_fonts, stylesheets=[_css])


def write(documents: Sequence[Any]) -> bytes:
    """Return one PDF of the documents' pages; page numbers inside each stay its own."""
    with _lock:
        pages = [page for document in documents for page in document.pages]
        pdf: bytes = documents[0].copy(pages).write_pdf()
        return pdf


def write_in_files(
    htmls: Iterable[str], pages_per_file: int = PAGES_PER_FILE
) -> Iterator[tuple[bytes, list[int]]]:
    """Lay out each paper and yield `(pdf, pages of each paper in it)`, a new file when one would be too long."""
    waiting: list[Any] = []
    for html in htmls:
        document = lay_out(html)
        if waiting and _count(waiting) + len(document.pages) > pages_per_file:
            yield _flush(waiting)
        waiting.append(document)
    if waiting:
        yield _flush(waiting)


def _count(documents: Sequence[Any]) -> int:
    return sum(len(document.pages) for document in documents)


def _flush(waiting: list[Any]) -> tuple[bytes, list[int]]:
    pdf, pages = write(waiting), [len(document.pages) for document in waiting]
    waiting.clear()
    # Boxes point to one another: without this the next file's documents would stand beside the last one's.
    gc.collect()
    return pdf, pages
