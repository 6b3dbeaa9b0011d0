"""Every page as each role of the demo: seconds, queries, and the ratio to a bare page in the same run.

The pages are found as a person finds them: by following the links from the desk, one record of each kind. The bare page runs
one query and renders the same frame. Slowest first; a list may cost at most 3 bare pages, any other page 5.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag

REPEATS = 3
LIST_LIMIT, PAGE_LIMIT = 3.0, 5.0
_HREF = re.compile(r'href="(/[^"]*)"')
_OTHERS = ("/static/", "/account/logout", "/api/", "/verify/")


@dataclass
class Page:
    """What one page cost one role. `kind` is the route's name."""

    role: str
    kind: str
    path: str
    queries: int
    is_list: bool
    times: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return statistics.median(self.times)


def main() -> int:
    """Print the table; return 1 when a page is above its limit."""
    import logging

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    logging.disable(logging.ERROR)
    from django.conf import settings

    settings.ROOT_URLCONF = "bench.pages_urls"
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SECURE_SSL_REDIRECT = False
    pages = [page for client, role in _clients() for page in _measured(client, role)]
    return _report(pages)


def _clients() -> Iterator[tuple[Any, str]]:
    """A signed-in client for each role that the demo gives a sign-in."""
    from django.test import Client

    from portal.accounts.demo import demo_accounts
    from portal.accounts.models import User

    for account in demo_accounts():
        client = Client()
        client.force_login(
            User.objects.get(username=account.user), "django.contrib.auth.backends.ModelBackend"
        )
        yield client, account.role


def _measured(client: Any, role: str) -> list[Page]:
    """Each page the role reaches, with the bare page in turn beside it."""
    pages = [Page(role, "bare", "/bench/bare/", 0, False), *_crawled(client, role)]
    for _repeat in range(REPEATS):
        for page in pages:
            began = time.perf_counter()
            client.get(page.path)
            page.times.append(time.perf_counter() - began)
    return pages


def _crawled(client: Any, role: str) -> Iterator[Page]:
    """Follow links from the desk; one address of each route, lists without their filters."""
    from django.urls import Resolver404, resolve

    waiting, known = ["/"], set()
    while waiting:
        path = waiting.pop(0)
        bare = path.split("?")[0]
        if bare.startswith(_OTHERS):
            continue
        try:
            kind = resolve(bare).view_name
        except Resolver404:
            sys.stdout.write(f"{role}: a link leads nowhere: {path}\n")
            continue
        if kind in known:
            continue
        known.add(kind)
        page, links = _visit(client, role, kind, path)
        if page:
            yield page
        waiting += links


def _visit(client: Any, role: str, kind: str, path: str) -> tuple[Page | None, list[str]]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    if response.status_code != 200 or "text/html" not in response.headers.get("Content-Type", ""):
        if response.status_code >= 500:
            sys.stdout.write(f"{role}: {path} answers {response.status_code}\n")
        return None, []
    text = response.content.decode()
    is_list = 'class="register' in text or "data-register" in text
    links = [urldefrag(each.replace("&amp;", "&"))[0] for each in _HREF.findall(text)]
    return Page(role, kind, path, len(queries), is_list), links


def _report(pages: list[Page]) -> int:
    bare = {page.role: page.seconds for page in pages if page.kind == "bare"}
    rows = [(page.seconds / bare[page.role], page) for page in pages if page.kind != "bare"]
    rows.sort(key=lambda row: -row[0])
    above = 0
    sys.stdout.write(f"{'ratio':>6} {'ms':>7} {'queries':>7}  page\n")
    for ratio, page in rows:
        limit = LIST_LIMIT if page.is_list else PAGE_LIMIT
        above += ratio > limit
        mark = " ABOVE" if ratio > limit else ""
        words = f"{page.role} {page.path}"
        sys.stdout.write(f"{ratio:6.2f} {1000 * page.seconds:7.1f} {page.queries:7d}  {words}{mark}\n")
    sys.stdout.write(
        f"{len(rows)} pages; bare {1000 * statistics.median(bare.values()):.1f} ms; {above} above their limit\n"
    )
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
