"""Counts for the desk and for lists: what several lines ask of the same rows is one query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce


@dataclass(frozen=True)
class Tally:
    """How many rows meet a condition, and the least value (usually the first day) of a path among them."""

    count: int
    first: Any = None


def tally(rows: QuerySet[Any], path: str = "", /, **conditions: Q) -> dict[str, Tally]:
    """A Tally for each condition, by its name. One query; a condition must not join to many rows of another table."""
    # Names of their own: a condition may be called like a field that another one reads.
    wanted: dict[str, Any] = {f"{name}_count": Count("pk", filter=each) for name, each in conditions.items()}
    if path:
        wanted |= {f"{name}_first": Min(path, filter=each) for name, each in conditions.items()}
    found = rows.order_by().aggregate(**wanted) if wanted else {}
    return {name: Tally(found[f"{name}_count"], found.get(f"{name}_first")) for name in conditions}


def count_of(rows: QuerySet[Any], path: str, key: str = "pk") -> Coalesce:
    """To annotate with: how many of `rows` belong, by `path`, to the outer row's `key`.

    A list counts so, not by joining the rows: the join is grouped whole before the first page is cut from it, and its own
    count drags it along.
    """
    grouped = rows.filter(**{path: OuterRef(key)}).order_by().values(path).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(grouped), 0)
