"""A list that says what it reads loads that and no more: fifty whole records of five tables cost more than their cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Model, QuerySet

if TYPE_CHECKING:
    from portal.ui.register.columns import Column
    from portal.ui.register.declaration import Register
    from portal.ui.register.keyset import Order

M = TypeVar("M", bound=Model)


def narrow(rows: QuerySet[M], register: Register[M], columns: Sequence[Column], order: Order) -> QuerySet[M]:
    """`rows` with the fields that `columns`, the order and the list itself read; all of them when the list says nothing."""
    if register.reads is None:
        return rows
    known = rows.query.annotations
    paths = {each for each in _paths(register.reads, columns, order) if each.split("__")[0] not in known}
    joined = sorted({each.rpartition("__")[0] for each in paths} - {""})
    bare = rows.select_related(None)
    return (bare.select_related(*joined) if joined else bare).only("pk", *sorted(paths))


def _paths(own: Sequence[str], columns: Sequence[Column], order: Order) -> Iterator[str]:
    yield from own
    for column in columns:
        yield from column.reads or ([] if column.value else [column.key])
    if order.path != "pk":
        yield order.path
