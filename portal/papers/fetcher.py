"""What a paper may load: data that stands in it, and the project's static files. Nothing else, ever."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from weasyprint.urls import URLFetcher, URLFetcherResponse

# Addresses in a paper are resolved against this; `.invalid` never exists, and nothing is asked of the network anyway.
BASE_URL = "http://paper.invalid/"


class Refused(ValueError):
    """A paper asked for something that it may not load."""


class StaticOnly(URLFetcher):  # type: ignore[misc]
    """Serves `data:` and static files; anything else stops the rendering, for a template that asks for it is wrong."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Return the file or the data. Raises Refused."""
        if url.startswith("data:"):
            return super().fetch(url, headers)
        return URLFetcherResponse(url, static_file(url).read_bytes())


def static_file(url: str) -> Path:
    """The static file that `url` names. Raises Refused when it is not one."""
    base = BASE_URL.rstrip("/") + "/" + settings.STATIC_URL.strip("/") + "/"
    if not url.startswith(base):
        raise Refused(f"a paper may load only data: and static files, not {url}")
    name = unquote(urlsplit(url.removeprefix(base)).path)
    if ".." in name.split("/"):
        raise Refused(f"a static file is not named by climbing: {url}")
    collected = Path(staticfiles_storage.path(name))
    found = str(collected) if collected.is_file() else finders.find(name)
    if not isinstance(found, str):
        raise Refused(f"there is no static file {name}")
    return Path(found)
