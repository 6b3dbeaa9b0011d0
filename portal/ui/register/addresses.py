"""Where rows lead: fifty addresses of one kind differ in the key alone, so the rest is worked out once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse

# Stands where the key goes; no other part of an address is a number like it.
_KEY = 9_876_543_210


def leads_to(name: str, key: str = "pk") -> Callable[[Any], str]:
    """For a Register's or a Column's `url`: the address `name` with the number at the attribute `key` of the row."""
    key_of = attrgetter(key)

    def address(row: Any) -> str:
        before, after = _around(name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())
        return f"{before}{key_of(row)}{after}"

    return address


@lru_cache(maxsize=512)
def _around(name: str, _urlconf: str, _prefix: str) -> tuple[str, str]:
    before, _mark, after = reverse(name, args=[_KEY]).partition(str(_KEY))
    return before, after
