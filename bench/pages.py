"""Every page as each role of the demo: seconds, queries, and the ratio to a bare page beside it in the same run.

The pages are found as a person finds them: by following the links from the desk, one record of each kind. The bare page runs
one query and renders the same frame; it takes its turn right before each page, so that what else the machine does at that
moment touches both, and a page's ratio is the median over the repeats. Slowest first; a list may cost at most 3 bare pages,
any other page 5.

    bin/bench pages [--role ROLE] [--worst N] [--repeats N] [--check]
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag

REPEATS = 5
LIST_LIMIT, PAGE_LIMIT = 3.0, 5.0
BARE = "/bench/bare/"
_HREF = re.compile(r'href="(/[^"]*)"')
_OTHERS = ("/static/", "/account/logout", "/api/", "/verify/")


@dataclass
class Page:
    """What one page cost one role, and the bare page before it, in seconds. `kind` is the route's name."""

    role: str
    kind: str
    path: str
    queries: int
    is_list: bool
    times: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return statistics.median(page / bare for page, bare in zip(self.times, self.bare, strict=True))

    @property
    def is_above(self) -> bool:
        return self.ratio > (LIST_LIMIT if self.is_list else PAGE_LIMIT)


def main() -> int:
    """Print the table; with --check, return 1 when a page is above its limit."""
    import logging

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    logging.disable(logging.ERROR)
    from django.conf import settings

    settings.ROOT_URLCONF = "bench.pages_urls"
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SECURE_SSL_REDIRECT = False
    asked = _asked()
    clients = [each for each in _clients() if asked.role in ("", each[1])]
    pages = [page for client, role in clients for page in _measured(client, role, asked.repeats)]
    above = _report(pages, asked.worst)
    return 1 if asked.check and above else 0


def _asked() -> Namespace:
    parser = ArgumentParser(prog="bin/bench pages")
    parser.add_argument("--role", default="", help="only this sign-in of the demo")
    parser.add_argument("--worst", type=int, default=0, help="print only so many pages")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--check", action="store_true", help="fail when a page is above its limit")
    return parser.parse_args()


def _clients() -> Iterator[tuple[Any, str]]:
    """A signed-in client for each sign-in of the demo; their names are the roles'."""
    from django.test import Client

    from portal.accounts.demo import demo_accounts
    from portal.accounts.models import User

    for account in demo_accounts():
        client = Client()
        client.force_login(
            User.objects.get(username=account.user), "django.contrib.auth.backends.ModelBackend"
        )
        yield client, account.user


def _measured(client: Any, role: str, repeats: int) -> list[Page]:
    """Each page the role reaches, with the bare page in turn before it."""
    client.get(BARE)
    pages = list(_crawled(client, role))
    for _repeat in range(repeats):
        for page in pages:
            page.bare.append(_seconds(client, BARE))
            page.times.append(_seconds(client, page.path))
    return pages


def _seconds(client: Any, path: str) -> float:
    began = time.perf_counter()
    client.get(path)
    return time.perf_counter() - began


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


def _report(pages: list[Page], worst: int) -> int:
    """Print the pages, slowest first, and the sum in one line; return how many are above their limit."""
    rows = sorted(pages, key=lambda page: -page.ratio)
    sys.stdout.write(f"{'ratio':>6} {'ms':>7} {'queries':>7}  page\n")
    for page in rows[: worst or None]:
        milliseconds = 1000 * statistics.median(page.times)
        kind, mark = "list" if page.is_list else "page", " ABOVE" if page.is_above else ""
        words = f"{kind} {page.role} {page.path}{mark}"
        sys.stdout.write(f"{page.ratio:6.2f} {milliseconds:7.1f} {page.queries:7d}  {words}\n")
    above = [page.is_list for page in rows if page.is_above]
    bare = 1000 * statistics.median(each for page in rows for each in page.bare)
    sys.stdout.write(
        f"{len(rows)} pages; bare {bare:.1f} ms; median ratio {statistics.median(page.ratio for page in rows):.2f}; "
        f"{len(above)} above their limit ({sum(above)} lists)\n"
    )
    return len(above)


if __name__ == "__main__":
    sys.exit(main())
