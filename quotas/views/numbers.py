"""Reading grids of numbers out of a posted form: `seats-<row>-<column>` or `seats-<row>`, empty for zero."""

from __future__ import annotations

from django.http import QueryDict
from django.utils.translation import gettext as _

from portal.errors import Invalid

PREFIX = "seats-"


def posted_numbers(data: QueryDict) -> dict[tuple[int, ...], int]:
    """The numbers by the keys in their names. Raises Invalid for what is no whole number."""
    found = {}
    for name, text in data.items():
        if name.startswith(PREFIX):
            keys = tuple(int(each) for each in name.removeprefix(PREFIX).split("-") if each.isdecimal())
            found[keys] = _number(str(text))
    return found


def _number(text: str) -> int:
    cleaned = text.strip()
    if not cleaned:
        return 0
    if not cleaned.isascii() or not cleaned.isdecimal() or len(cleaned) > 6:
        raise Invalid(
            _("“%(text)s”不是有效的名额，请填写不带小数的数字。") % {"text": text[:20]}, field="seats"
        )
    return int(cleaned)
