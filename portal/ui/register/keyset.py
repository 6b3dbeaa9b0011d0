"""Paging by key: the next page begins behind the last row seen, so a deep page costs what the first one costs."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.expressions import OrderBy

from portal.ui.register.columns import walk

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Order:
    """Sort by `path`, then by key; nulls stand last in both directions. `path` "pk" is the key alone."""

    path: str
    descending: bool
    field: Field[Any, Any]
    nullable: bool

    @classmethod
    def of(cls, queryset: QuerySet[Any], text: str) -> Order:
        """Read `path` or `-path`. Raises FieldDoesNotExist for a path the queryset does not have."""
        path = text.removeprefix("-")
        field, nullable = _field(queryset, path)
        return cls(path, text.startswith("-"), field, nullable)

    def apply(self, queryset: QuerySet[M], *, backward: bool = False) -> QuerySet[M]:
        """The rows in this order, or in exactly the opposite one."""
        down = self.descending != backward
        terms = [_term("pk", down)] if self.path == "pk" else [self._by_value(backward), _term("pk", down)]
        return queryset.order_by(*terms)

    def _by_value(self, backward: bool) -> OrderBy:
        down = self.descending != backward
        if not self.nullable:
            return _term(self.path, down)
        options = {"nulls_first": True} if backward else {"nulls_last": True}
        return F(self.path).desc(**options) if down else F(self.path).asc(**options)

    def beyond(self, value: Any, pk: Any, *, backward: bool = False) -> Q:
        """The rows behind (or, backward, before) the one with this value and key."""
        way = "lt" if self.descending != backward else "gt"
        if self.path == "pk":
            return Q(**{f"pk__{way}": pk})
        if value is None:
            return self._beyond_null(Q(**{f"pk__{way}": pk}), backward)
        # `>= v AND (> v OR key)` says the same as `> v OR (= v AND key)`, and an index can serve it.
        here = Q(**{f"{self.path}__{way}e": value}) & (
            Q(**{f"{self.path}__{way}": value}) | Q(**{f"pk__{way}": pk})
        )
        return here | Q(**{f"{self.path}__isnull": True}) if self.nullable and not backward else here

    def _beyond_null(self, behind_key: Q, backward: bool) -> Q:
        same = Q(**{f"{self.path}__isnull": True}) & behind_key
        return same | Q(**{f"{self.path}__isnull": False}) if backward else same

    def cursor(self, row: Model) -> str:
        """The row's place as a short text for an address."""
        value = None if self.path == "pk" else walk(row, self.path)
        packed = json.dumps([value, row.pk], cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")

    def parse(self, cursor: str, pk: Field[Any, Any]) -> tuple[Any, Any] | None:
        """The value and key of a place, or None when somebody changed the address by hand."""
        try:
            value, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            return (None if value is None else self.field.to_python(value)), pk.to_python(key)
        except (ValueError, TypeError, ValidationError):
            return None


@dataclass(frozen=True)
class Window(Generic[M]):
    """One page of rows and the places where its neighbours begin; "" where there is none."""

    rows: list[M]
    before: str
    after: str


def window(queryset: QuerySet[M], order: Order, size: int, *, after: str = "", before: str = "") -> Window[M]:
    """At most `size` rows behind `after` or before `before`, in one query (two when the place has emptied)."""
    backward = bool(before and not after)
    place = order.parse(after or before, queryset.model._meta.pk) if after or before else None
    if place is None:
        return _first(queryset, order, size)
    rows = list(
        order.apply(queryset.filter(order.beyond(*place, backward=backward)), backward=backward)[: size + 1]
    )
    if not rows:
        return _first(queryset, order, size)
    more, rows = len(rows) > size, rows[:size]
    if backward:
        rows.reverse()
    return Window(
        rows,
        order.cursor(rows[0]) if more or not backward else "",
        order.cursor(rows[-1]) if more or backward else "",
    )


def _first(queryset: QuerySet[M], order: Order, size: int) -> Window[M]:
    rows = list(order.apply(queryset)[: size + 1])
    return Window(rows[:size], "", order.cursor(rows[size - 1]) if len(rows) > size else "")


def _term(path: str, down: bool) -> OrderBy:
    return F(path).desc() if down else F(path).asc()


def _field(queryset: QuerySet[Any], path: str) -> tuple[Field[Any, Any], bool]:
    """The field at the end of `path`, and whether anything on the way may be null."""
    if path in queryset.query.annotations:
        return queryset.query.annotations[path].output_field, True
    model: Any = queryset.model
    if path == "pk":
        return model._meta.pk, False
    nullable, field = False, None
    for name in path.split("__"):
        if model is None:
            raise FieldDoesNotExist(f"{path} leads nowhere from {queryset.model.__name__}")
        field = model._meta.get_field(name)
        nullable, model = nullable or field.null, field.related_model
    return field, nullable  # type: ignore[return-value]
