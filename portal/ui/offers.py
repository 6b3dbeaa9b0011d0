"""What a filter offers to choose from, put together when somebody needs it.

Most lists are opened with no filter chosen, and the options that each filter offers a person are kept ready
(`portal.ui.selects`). Then the query behind them, which joins all that decides what the person may see, is not even written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Model, QuerySet

if TYPE_CHECKING:
    from portal.operations.actor import Actor


class Shelf:
    """The kept options of one person's filters, by place; all are fetched at once. Nothing is kept for the system."""

    def __init__(self, owner: str, actor: Actor | None) -> None:
        known = actor is not None and actor.membership_id is not None and settings.CHOICES_SECONDS
        self._prefix = f"offer:{owner}:{actor.membership_id}:" if actor and known else ""
        self._places: list[str] = []
        self._found: dict[str, str] | None = None

    def place(self, name: str) -> str:
        """Where the options of the filter `name` are kept; "" when nothing is."""
        place = f"{self._prefix}{name}" if self._prefix else ""
        self._places += [place] if place else []
        return place

    def get(self, place: str) -> str | None:
        if self._found is None:
            self._found = cache.get_many(self._places)
        return self._found.get(place)


class Offer:
    """Stands for a queryset of records, made by the first who needs more than the kept options."""

    def __init__(self, make: Callable[[], QuerySet[Any]], shelf: Shelf, name: str) -> None:
        self._make, self._shelf = make, shelf
        self._place = shelf.place(name)

    @cached_property
    def _rows(self) -> QuerySet[Any]:
        return self._make()

    @property
    def kept(self) -> str | None:
        """The options as they are drawn, if they are kept."""
        return self._shelf.get(self._place) if self._place else None

    def keep(self, options: str) -> None:
        if self._place:
            cache.set(self._place, options, settings.CHOICES_SECONDS)

    def all(self) -> Offer:
        """Fields copy their querysets by it; there is nothing to copy yet."""
        return self

    def __iter__(self) -> Iterator[Model]:
        return iter(self._rows.all())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._rows, name)
