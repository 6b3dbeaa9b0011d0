"""What the apps to the right add to the recommendation form (annex 5): its second part. Source: CQ20-6.3."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.ui.registry import Plug


@dataclass(frozen=True)
class SecondPart:
    """The base's opinion as the form prints it; `levels` are the grades of the scale, each with whether it was given."""

    opinion: str
    levels: Sequence[tuple[str, bool]]
    on: date
    lines: Sequence[str] = ()


# The second parts of enrolments, by their keys, as far as they are finished. A constant number of queries.
second_parts: Plug[Callable[[Sequence[int]], Mapping[int, SecondPart]]] = Plug()


def parts_of(keys: Sequence[int]) -> dict[int, SecondPart]:
    """The finished second part of each of `keys`."""
    found: dict[int, SecondPart] = {}
    for provider in second_parts:
        found |= provider(keys)
    return found
