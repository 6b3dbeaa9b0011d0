"""System checks of what apps plugged into the frame: a wrong address shows at start, not on somebody's page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import NoReverseMatch, reverse

from portal.ui.icons import known_icons
from portal.ui.registry import NavEntry, navigation


@register("urls")
def navigation_leads_somewhere(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every line of the navigation has an address and an icon that is in the sprite's list."""
    return [problem for entry in navigation() for problem in _problems(entry)]


def _problems(entry: NavEntry) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    try:
        reverse(entry.url_name, kwargs=dict(entry.kwargs))
    except NoReverseMatch as error:
        found.append(Error(f"navigation entry {entry.url_name!r} has no address: {error}", id="ui.E001"))
    if entry.icon not in known_icons():
        found.append(Error(f"icon {entry.icon!r} is not named in static/icons.txt", id="ui.E002"))
    return found
