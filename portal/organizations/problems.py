"""What is wrong with one value, in words; and the step from there to a refusal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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
