"""Making a set of rows what a file says they are, and counting what that changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Synced:
    """How many rows were made, changed, dropped, and left as they were."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    same: int = 0

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated or self.deleted)


UNTOUCHED = Synced()


def sync(
    rows: models.QuerySet[M],
    key: Callable[[M], Any],
    wanted: Iterable[M],
    fields: list[str],
    *,
    prune: bool = True,
) -> Synced:
    """Make the stored `rows` equal to the unsaved `wanted`, matched by `key`, compared and written in `fields`.

    Four statements at most, whatever the number of rows. With `prune`, rows that nobody wants are deleted.
    """
    stored = {key(each): each for each in rows}
    desired = {key(each): each for each in wanted}
    created = [each for name, each in desired.items() if name not in stored]
    updated = [
        _copy(each, stored[name], fields)
        for name, each in desired.items()
        if name in stored and _values(each, fields) != _values(stored[name], fields)
    ]
    stale = [each.pk for name, each in stored.items() if name not in desired] if prune else []
    manager = rows.model._default_manager
    if stale:
        manager.filter(pk__in=stale).delete()
    if updated:
        manager.bulk_update(updated, fields)
    manager.bulk_create(created)
    return Synced(len(created), len(updated), len(stale), len(desired) - len(created) - len(updated))


def _values(row: models.Model, fields: list[str]) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in _columns(row, fields)}


def _copy(source: M, target: M, fields: list[str]) -> M:
    for name in _columns(source, fields):
        setattr(target, name, getattr(source, name))
    return target


def _columns(row: models.Model, fields: list[str]) -> list[str]:
    """The attributes that hold the fields' stored values: a foreign key's is its `…_id`."""
    return [each.attname for each in row._meta.concrete_fields if each.name in fields]
