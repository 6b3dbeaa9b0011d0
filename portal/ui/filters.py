"""The filters of lists. Inherit from this FilterSet: django-filter's own costs several milliseconds a page.

It copies every filter to the last leaf, and has each that offers records write its query before it is known whether anybody
needs it. A callable `queryset` may read `request.actor` and nothing else of the request: what it offers is kept for the actor.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from portal.ui.offers import Offer, Shelf


class _Declared(dict[str, django_filters.Filter]):
    def __deepcopy__(self, _memo: dict[int, Any]) -> dict[str, django_filters.Filter]:
        return {name: _copied(each) for name, each in self.items()}


def _copied(declared: django_filters.Filter) -> django_filters.Filter:
    # The field that a filter makes of `extra` copies its widget itself.
    made = copy.copy(declared)
    made.extra = dict(declared.extra)
    # Set anew, it holds on to the copy and so finds the method of the copy's own FilterSet.
    made.method = declared.method
    return made


class FilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """A FilterSet whose filters are copied no deeper than they are changed, and whose records are read when needed."""

    def __init__(
        self,
        data: QueryDict | None = None,
        queryset: QuerySet[Any] | None = None,
        *,
        request: Any = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(data, queryset, request=request, prefix=prefix)
        shelf = Shelf(f"{type(self).__module__}.{type(self).__name__}", getattr(request, "actor", None))
        for name, each in self.filters.items():
            if isinstance(each, django_filters.ModelChoiceFilter) and callable(each.queryset):
                each.queryset = _offer(each.queryset, request, shelf, name)

    @classmethod
    def get_filters(cls) -> dict[str, django_filters.Filter]:
        """What the class declares; every instance copies it."""
        return _Declared(super().get_filters())


def _offer(make: Any, request: Any, shelf: Shelf, name: str) -> Offer:
    return Offer(lambda: make(request), shelf, name)


def carried(path: str) -> django_filters.NumberFilter:
    """A filter by a key that only an address sets; the bar carries it along unseen."""
    return django_filters.NumberFilter(field_name=path, widget=forms.HiddenInput)


def meeting(conditions: Mapping[str, Callable[[QuerySet[Any]], QuerySet[Any]]]) -> django_filters.CharFilter:
    """A filter by a condition's name that only an address sets: so the figures of other pages lead to their rows."""

    def narrow(rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return conditions[value](rows) if value in conditions else rows.none()

    return django_filters.CharFilter(widget=forms.HiddenInput, method=narrow)
