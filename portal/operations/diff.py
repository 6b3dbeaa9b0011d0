"""Before and after of an audit entry, side by side, with the words that people use for the fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field


@dataclass(frozen=True)
class Change:
    """One field. None: it was not recorded on that side."""

    word: str
    before: Any
    after: Any

    @property
    def differs(self) -> bool:
        return bool(self.before != self.after)


def changes(before: Mapping[str, Any], after: Mapping[str, Any], model: str) -> list[Change]:
    """Every recorded field, in the order of recording; `model` is the subject's label, `rulebook.phase`, or ""."""
    names = dict.fromkeys([*before, *after])
    return [Change(field_word(name, model), before.get(name), after.get(name)) for name in names]


def field_word(name: str, model: str) -> str:
    """The field's verbose name, or `name` when `model` has no such field."""
    try:
        field = apps.get_model(model)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return name
    return str(field.verbose_name) if isinstance(field, Field) else name
