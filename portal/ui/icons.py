"""The names of the icons that the sprite holds; `static/icons.txt` is the list it is built from."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings


@lru_cache(maxsize=1)
def known_icons() -> frozenset[str]:
    """The names in static/icons.txt, one a line."""
    text = (settings.BASE_DIR / "static" / "icons.txt").read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))
