"""Saying that a piece of code, which is no operation and no rule, carries out a clause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_cited: dict[str, list[str]] = defaultdict(list)


def cites(*clauses: str) -> Callable[[F], F]:
    """Mark a page, paper or sheet function as carrying out `clauses`: `@cites("CQ20-A6")`."""

    def mark(function: F) -> F:
        implements(f"{function.__module__}.{function.__qualname__}", *clauses)
        return function

    return mark


def implements(what: str, *clauses: str) -> None:
    """The same for things that cannot be decorated, such as a declared sheet: name it in `what`."""
    for clause in clauses:
        if what not in _cited[clause]:
            _cited[clause].append(what)


def cited(clause: str) -> list[str]:
    """What was said to carry out `clause`."""
    return list(_cited.get(clause, []))
