"""Reading grids of numbers out of a posted form: `seats-<row>-<column>` or `seats-<row>`, empty for zero."""

from __future__ import annotations

from django.http import QueryDict
from django.utils.translation import gettext as _

from portal.errors import Invalid

PREFIX = "seats-"


def posted_numbers(data: QueryDict) -> dict[tuple[int, ...], int]:
    """The numbers by the keys in their names. Raises Invalid naming everything that is no whole number."""
    texts = {_keys(name): str(text).strip() for name, text in data.items() if name.startswith(PREFIX)}
    bad = sorted({text for text in texts.values() if not is_number(text)})
    if bad:
        words = "、".join(f"“{text[:20]}”" for text in bad[:5])
        raise Invalid(
            _("%(words)s不是有效的名额，请在标红的格中填写不带小数的数字，没有名额的留空。")
            % {"words": words},
            field="seats",
        )
    return {keys: int(text or 0) for keys, text in texts.items() if keys}


def is_number(text: str) -> bool:
    """Whether `text` is a whole number of at most six digits, or empty."""
    return not text or (text.isascii() and text.isdecimal() and len(text) <= 6)


def _keys(name: str) -> tuple[int, ...]:
    parts = name.removeprefix(PREFIX).split("-")
    return tuple(int(each) for each in parts) if all(map(_is_key, parts)) else ()


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
