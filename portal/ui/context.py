"""What the page frame shows on every page, computed only when a template asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

from portal import clock
from portal.messages.models import Message
from portal.ui import registry

if TYPE_CHECKING:
    from portal.accounts.models import Membership
    from portal.errors import Text
    from portal.operations.actor import Actor

LARGE_TYPE_COOKIE = "large_type"
# The bell shows "99+" above this; counting on would cost without telling more.
MOST_UNREAD = 99


@dataclass(frozen=True)
class NavLink:
    label: Text
    url: str
    icon: str
    current: bool


@dataclass(frozen=True)
class NavGroup:
    label: Text
    links: tuple[NavLink, ...]

    @property
    def current(self) -> bool:
        return any(link.current for link in self.links)


class Shell:
    """The frame of one request. One query of its own (unread), plus the programme switcher's provider."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.actor: Actor | None = getattr(request, "actor", None)

    @cached_property
    def links(self) -> list[tuple[registry.Group, NavLink]]:
        """What this role can use, in the navigation's order."""
        actor = self.actor
        if actor is None:
            return []
        entries = [each for each in registry.navigation() if each.is_for(actor)]
        urls = [reverse(each.url_name, kwargs=dict(each.kwargs)) for each in entries]
        here = _closest(self.request.path, urls)
        return [
            (each.group, NavLink(each.label, url, each.icon, url == here))
            for each, url in zip(entries, urls, strict=True)
        ]

    @cached_property
    def nav(self) -> list[NavGroup]:
        """The navigation; a group without lines does not stand in it."""
        groups: dict[registry.Group, list[NavLink]] = {}
        for group, link in self.links:
            groups.setdefault(group, []).append(link)
        return [NavGroup(group.label, tuple(links)) for group, links in groups.items()]

    @cached_property
    def bottom_bar(self) -> list[NavLink]:
        """The trainee's phone bar: what fits beside one another under a thumb."""
        return [link for _group, link in self.links[:5]]

    @property
    def memberships(self) -> list[Membership]:
        """The roles this person can switch between; the actor's middleware has read them."""
        return getattr(self.request, "memberships", [])

    @property
    def idle_seconds(self) -> int:
        """Without a request for so long, the session ends; the page's script warns before."""
        return settings.IDLE_MINUTES * 60 if self.actor else 0

    @cached_property
    def programs(self) -> list[registry.ProgramChoice]:
        if self.actor is None:
            return []
        return [choice for provider in registry.programs for choice in provider(self.request)]

    @cached_property
    def program(self) -> registry.ProgramChoice | None:
        return next((choice for choice in self.programs if choice.current), None)

    @cached_property
    def unread(self) -> int:
        if self.actor is None:
            return 0
        return Message.objects.visible_to(self.actor).unread().order_by()[: MOST_UNREAD + 1].count()

    @property
    def unread_label(self) -> str:
        return f"{MOST_UNREAD}+" if self.unread > MOST_UNREAD else str(self.unread)

    @property
    def searches(self) -> bool:
        return bool(list(registry.search))

    @property
    def is_trainee(self) -> bool:
        return self.actor is not None and self.actor.is_trainee

    @property
    def large_type(self) -> bool:
        """The cookie speaks first, so that the sign-in page is large too."""
        cookie = self.request.COOKIES.get(LARGE_TYPE_COOKIE)
        if cookie is not None:
            return cookie == "1"
        return bool(getattr(self.request.user, "large_type", False))

    @cached_property
    def demo_now(self) -> datetime | None:
        return clock.now() if settings.DEMO else None


def _closest(path: str, urls: list[str]) -> str | None:
    """The address of the navigation under which `path` lies: the longest that it begins with."""
    above = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(above, key=len, default=None)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: one `Shell` a request, however many templates are rendered."""
    if not hasattr(request, "shell"):
        request.shell = Shell(request)  # type: ignore[attr-defined]
    return {"shell": request.shell}  # type: ignore[attr-defined]
