"""Uploaded files that no record names: an act that was refused after its file was stored leaves one behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from posixpath import dirname

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone

# No act takes that long between storing its file and its commit.
KEPT = timedelta(days=1)
MOST = 200
_CHUNK = 500

Column = tuple[type[models.Model], str]


def sweep_orphans(most: int = MOST) -> int:
    """Remove at most `most` files that are older than a day and named by no record; return how many.

    They hold personal data, and nobody would look for them. Safe to run twice, and to be killed between two files.
    """
    removed = 0
    for name in islice(_orphans(), most):
        default_storage.delete(name)
        removed += 1
    return removed


def _orphans() -> Iterator[str]:
    before = timezone.now() - KEPT
    for folder, columns in _folders().items():
        if not default_storage.exists(folder):
            continue
        names = (f"{folder}/{each}" for each in sorted(default_storage.listdir(folder)[1]))
        old = (name for name in names if default_storage.get_modified_time(name) < before)
        while chunk := list(islice(old, _CHUNK)):
            named = _named(columns, chunk)
            yield from (name for name in chunk if name not in named)


def _folders() -> dict[str, list[Column]]:
    """The folders into which columns of our models upload, and the columns that name files there."""
    found: dict[str, list[Column]] = defaultdict(list)
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.FileField) and field.storage == default_storage:
                found[dirname(field.generate_filename(model(), "file"))].append((model, field.name))
    return {folder: columns for folder, columns in found.items() if folder}


def _named(columns: Sequence[Column], names: Sequence[str]) -> set[str]:
    return {
        name
        for model, column in columns
        for name in model._base_manager.filter(**{f"{column}__in": names}).values_list(column, flat=True)
    }
