"""What is wrong with one value, in words; and the step from there to a refusal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from portal.errors import Invalid


@dataclass(frozen=True)
class Problem:
    """What is wrong with a value of `field`. One that does not block is a warning. `code` is stable."""

    code: str
    message: str
    blocks: bool = True
    field: str = ""


def refuse_blocking(problems: Iterable[Problem]) -> None:
    """Raise Invalid for the first problem that blocks."""
    for each in problems:
        if each.blocks:
            raise Invalid(each.message, field=each.field, code=each.code)


def too_long(record: models.Model) -> list[Problem]:
    """The editable columns whose text is longer than they hold. No queries."""
    return [
        Problem("too_long", _longer(field, most, length), field=field.name)
        for field, most in _bounded(type(record))
        if (value := getattr(record, field.attname)) and (length := len(str(value))) > most
    ]


def _longer(field: models.Field[Any, Any], most: int, length: int) -> str:
    message = _("“%(field)s”最多%(most)d个字，现为%(count)d个字。请缩短。")
    return message % {"field": field.verbose_name, "most": most, "count": length}


def not_offered(record: models.Model) -> list[Problem]:
    """The columns whose value is none of their choices. No queries."""
    return [
        Problem("choice", _outside(field), field=field.name)
        for field, offered in _choosing(type(record))
        if (value := getattr(record, field.attname)) and value not in offered
    ]


def _outside(field: models.Field[Any, Any]) -> str:
    return _("“%(field)s”的值不在可选范围内。请从列表中选择。") % {"field": field.verbose_name}


@cache
def _bounded(model: type[models.Model]) -> tuple[tuple[models.Field[Any, Any], int], ...]:
    """The editable columns that hold so many characters. Read once a model: sheets ask for thousands of rows."""
    fields = model._meta.concrete_fields
    return tuple((each, each.max_length) for each in fields if each.editable and each.max_length)


@cache
def _choosing(model: type[models.Model]) -> tuple[tuple[models.Field[Any, Any], frozenset[Any]], ...]:
    """The columns with choices, and these."""
    return tuple(
        (each, frozenset(value for value, _label in each.flatchoices))
        for each in model._meta.concrete_fields
        if each.choices
    )
