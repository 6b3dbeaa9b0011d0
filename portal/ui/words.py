"""The word for a value of a field with choices, as `get_NAME_display` says it: that builds and translates its table anew."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db.models import Model
from django.utils.translation import get_language


def word_of(row: Model, name: str) -> str:
    """The word for the value of the field `name`; the value itself when it is none of the choices."""
    value = getattr(row, name)
    return str(_words(type(row), name, get_language()).get(value, value))


@lru_cache(maxsize=256)
def _words(model: type[Model], name: str, _language: str | None) -> dict[Any, str]:
    field: Any = model._meta.get_field(name)
    return {value: str(word) for value, word in field.flatchoices}
