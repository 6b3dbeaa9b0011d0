"""A browser's description of itself, in words that people know."""

from __future__ import annotations

from django.utils.translation import gettext as _

# The first that is found counts: most browsers also claim to be the ones below them.
BROWSERS = (
    ("MicroMessenger/", "微信"),
    ("Edg/", "Edge"),
    ("QQBrowser/", "QQ浏览器"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device(agent: str) -> str:
    """Return `Chrome · Windows`; what is not known is called so."""
    names = [_first(BROWSERS, agent), _first(SYSTEMS, agent)]
    return " · ".join(name for name in names if name) or _("未知设备")


def _first(table: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for mark, name in table if mark in agent), "")
