"""How the components of the API's schema are named: two serializers of one name are told apart by where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework.serializers import BaseSerializer


class Schema(AutoSchema):
    def get_serializer_name(self, serializer: BaseSerializer[Any], direction: str) -> str:
        """The class's own name; where another module has the same, the module's before it: `TrainingNotice`."""
        kind = type(serializer)
        return f"{_place(kind)}{kind.__name__}" if kind.__name__ in _shared_names() else kind.__name__


@cache
def _shared_names() -> frozenset[str]:
    """The names that more than one serializer has. Read once, when every app's api module is imported."""
    counts = Counter(kind.__name__ for kind in set(_below(BaseSerializer)))
    return frozenset(name for name, count in counts.items() if count > 1)


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def _place(kind: type[Any]) -> str:
    """`programs.api.training` → Training; `portal.rulebook.api`, `portal.people.serializers` → Rulebook, People."""
    *_, noun = (each for each in kind.__module__.split(".") if each not in ("api", "serializers"))
    return "".join(each.capitalize() for each in noun.split("_"))
