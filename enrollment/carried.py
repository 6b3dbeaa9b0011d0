"""The filter by which figures of a district lead to its people."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from portal.organizations.kinds import Kind


def of_district(path: str) -> django_filters.NumberFilter:
    """A filter, set by an address, by who answers for the school at `path`: its district; a college for itself."""
    return django_filters.NumberFilter(field_name=path, method=_in_district, widget=forms.HiddenInput)


def _in_district(rows: QuerySet[Any], path: str, value: int) -> QuerySet[Any]:
    below = Q(**{f"{path}__kind": Kind.SCHOOL, f"{path}__parent": value})
    return rows.filter(below | (Q(**{path: value}) & ~Q(**{f"{path}__kind": Kind.SCHOOL})))
