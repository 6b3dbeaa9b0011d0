"""WeasyPrint, set up once per process. Import it only through `portal.papers.render`, which prepares the fonts first."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from portal.memory import uncollected
from portal.papers.fetcher import BASE_URL, StaticOnly

# A document in memory costs about 2.3 MB a page; a file of this many keeps a worker under 300 MB.
PAGES_PER_FILE = 50

# Pango's font map is not made for threads, and a web process has several.
_lock = threading.RLock()
_fetcher = StaticOnly()
_fonts = FontConfiguration()
_css = CSS(filename=str(Path(__file__).with_name("paper.css")), font_config=_fonts, url_fetcher=_fetcher)


def write_in_files(
    htmls: Iterable[str], pages_per_file: int = PAGES_PER_FILE
) -> Iterator[tuple[bytes, list[int]]]:
    """Print each paper and yield `(pdf, pages of each paper in it)`, a new file when one would be too long.

    Page numbers in each paper are its own. Raises FatalURLFetchingError for an address that a paper may not load.
    """
    source = iter(htmls)
    carried: Any = None
    while True:
        with _undisturbed():
            documents, carried = _gather(source, carried, pages_per_file)
            if not documents:
                return
            made = _write(documents), [len(document.pages) for document in documents]
            documents.clear()
        if len(made[1]) > 1:
            # Boxes point to one another: without this the next file's documents would stand beside the last one's.
            gc.collect()
        yield made


def _gather(source: Iterator[str], carried: Any, most: int) -> tuple[list[Any], Any]:
    """Lay out papers up to `most` pages, but at least one; return them and the first that was too much."""
    documents = [] if carried is None else [carried]
    count = sum(len(document.pages) for document in documents)
    for html in source:
        document = _lay_out(html)
        count += len(document.pages)
        if documents and count > most:
            return documents, document
        documents.append(document)
    return documents, None


def _lay_out(html: str) -> Any:
    # Images are kept with their document, not for the process: photos come as data, and would pile up.
    source = HTML(string=html, base_url=BASE_URL, url_fetcher=_fetcher)
    return source.render(font_config=_fonts, stylesheets=[_css])


def _write(documents: Sequence[Any]) -> bytes:
    pages = [page for document in documents for page in document.pages]
    pdf: bytes = documents[0].copy(pages).write_pdf()
    return pdf


@contextmanager
def _undisturbed() -> Iterator[None]:
    """One thread at a time, and without the garbage collector: documents grow large."""
    with _lock, uncollected():
        yield
