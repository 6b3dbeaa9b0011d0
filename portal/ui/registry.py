"""What apps plug into the frame from their `apps.ready()`: navigation, work items, search, numbers, calendar.

A provider is a plain function; declaring it registers it:

    @work_items
    def reviews_waiting(actor: Actor, now: datetime) -> Iterable[WorkItem]: ...

Providers must cost a constant number of queries, whatever they find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.roles import Role

if TYPE_CHECKING:
    from django.http import HttpRequest

    from portal.errors import Text
    from portal.operations.actor import Actor
    from portal.rulebook.findings import Citation


class Group(models.TextChoices):
    """The parts of the work by which the left navigation is ordered."""

    DESK = "desk", _("工作台")
    PROGRAMS = "programs", _("计划与项目")
    QUOTAS = "quotas", _("名额")
    ENROLLMENT = "enrollment", _("推荐与报名")
    CLASSES = "classes", _("班级")
    ASSESSMENT = "assessment", _("考核与评价")
    FINANCE = "finance", _("经费")
    REPORTS = "reports", _("报表")
    PEOPLE = "people", _("机构与人员")
    SYSTEM = "system", _("系统")


@dataclass(frozen=True)
class NavEntry:
    """One line of the navigation. `roles` empty means every role; `icon` is a name of static/icons.txt.

    `kwargs` go into the address; the entry is marked current for every page whose path begins with it.
    """

    group: Group
    label: Text
    url_name: str
    icon: str = "file-text"
    roles: frozenset[Role] = frozenset()
    order: int = 100
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def is_for(self, actor: Actor) -> bool:
        return not self.roles or actor.role in self.roles


@dataclass(frozen=True)
class WorkItem:
    """What waits for this person. `count` is how many records stand behind the line; `kind` is a word shown as a badge."""

    title: Text
    url: str
    due: datetime | None = None
    count: int = 1
    citation: Citation | None = None
    kind: Text = ""


@dataclass(frozen=True)
class SearchHit:
    """One record found by the global search. `kind` is the word for what it is."""

    kind: Text
    title: str
    url: str
    detail: Text = ""


@dataclass(frozen=True)
class Number:
    """One figure of the desk, with the address of the list behind it."""

    label: Text
    value: int | str
    url: str
    hint: Text = ""


@dataclass(frozen=True)
class CalendarPhase:
    """One window of the calendar strip. An open end is None. `url` leads to what is done in it."""

    name: str
    opens_at: datetime | None
    closes_at: datetime | None
    url: str = ""
    citation: Citation | None = None


@dataclass(frozen=True)
class ProgramChoice:
    """One programme of the switcher in the top bar."""

    pk: int
    label: str
    current: bool


P = TypeVar("P", bound=Callable[..., Any])


class Plug(Generic[P]):
    """A list of providers; calling it with a provider adds it, once."""

    def __init__(self) -> None:
        self._providers: list[P] = []

    def __call__(self, provider: P) -> P:
        if provider not in self._providers:
            self._providers.append(provider)
        return provider

    def __iter__(self) -> Iterator[P]:
        return iter(tuple(self._providers))

    def remove(self, provider: P) -> None:
        """Take a provider out again. Raises ValueError when it is not in."""
        self._providers.remove(provider)


work_items: Plug[Callable[[Actor, datetime], Iterable[WorkItem]]] = Plug()
search: Plug[Callable[[Actor, str], Iterable[SearchHit]]] = Plug()
numbers: Plug[Callable[[Actor, datetime], Iterable[Number]]] = Plug()
# What came of it: these numbers stand first as soon as one of `begun` says that the training has begun.
outcomes: Plug[Callable[[Actor, datetime], Iterable[Number]]] = Plug()
begun: Plug[Callable[[Actor, datetime], bool]] = Plug()
calendar: Plug[Callable[[HttpRequest], Iterable[CalendarPhase]]] = Plug()
programs: Plug[Callable[[HttpRequest], Iterable[ProgramChoice]]] = Plug()

_navigation: list[NavEntry] = []


def nav(*entries: NavEntry) -> None:
    """Add lines to the navigation; the same line is added once."""
    _navigation.extend(each for each in entries if each not in _navigation)


def navigation() -> list[NavEntry]:
    """Every line, in the order of groups, then `order`, then label."""
    groups = list(Group)
    return sorted(_navigation, key=lambda each: (groups.index(each.group), each.order, str(each.label)))
