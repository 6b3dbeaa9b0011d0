"""What one page asks for again and again is read once: a memory as long as a request that changes nothing.

@once_a_page
def seen_programs(actor: Actor) -> Sequence[Program]: ...

While a GET is answered, a second call with equal arguments gives what the first one gave. Everywhere else (a POST, a task,
a command, a service called by a test) the function is simply called: whoever changes things always reads afresh. The
arguments are compared by equality, so hand in actors, records and plain values; do not change what you are given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

P = ParamSpec("P")
R = TypeVar("R")

SAFE = frozenset({"GET", "HEAD"})

_memory: ContextVar[dict[Any, Any] | None] = ContextVar("page_memory", default=None)


def once_a_page(function: Callable[P, R]) -> Callable[P, R]:
    """Call `function` once for equal arguments while a page is made. They must be hashable."""

    @wraps(function)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
        memory = _memory.get()
        if memory is None:
            return function(*args, **kwargs)
        key = (function, args, frozenset(kwargs.items()))
        if key not in memory:
            memory[key] = function(*args, **kwargs)
        result: R = memory[key]
        return result

    return remembered


@contextmanager
def remembering() -> Iterator[None]:
    """A fresh memory inside the block."""
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


class MemoryMiddleware:
    """Gives each request that changes nothing its memory."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in SAFE:
            return self.get_response(request)
        with remembering():
            return self.get_response(request)
