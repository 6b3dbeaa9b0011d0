"""What is wrong with one value, in words; and the step from there to a refusal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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
    message = _("“%(field)s”最多%(most)d个字，现为%(count)d个字。请缩短。")
    found = []
    for field in record._meta.concrete_fields:
        if not (field.editable and field.max_length):
            continue
        length = len(str(getattr(record, field.attname) or ""))
        if length > field.max_length:
            values = {"field": field.verbose_name, "most": field.max_length, "count": length}
            found.append(Problem("too_long", message % values, field=field.name))
    return found


def not_offered(record: models.Model) -> list[Problem]:
    """The columns whose value is none of their choices. No queries."""
    message = _("“%(field)s”的值不在可选范围内。请从列表中选择。")
    return [
        Problem("choice", message % {"field": field.verbose_name}, field=field.name)
        for field in record._meta.concrete_fields
        if field.choices
        and (value := getattr(record, field.attname)) not in dict(field.flatchoices)
        and value
    ]
