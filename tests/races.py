"""Several people at once: threads that start together, each with a database connection of its own; where they meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.models import QuerySet

from portal.errors import DomainError
from portal.reviews.models import Review
from portal.reviews.services import locking

# How long one waits for the other: where a lock keeps it away, and where nothing does.
KEPT_AWAY, SURE = 1, 20


def at_once(*acts: Callable[[], object]) -> list[Any]:
    """Run `acts` at the same moment; return what each gave, or the refusal it met."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait(timeout=10)
            return act()
        except (DomainError, DatabaseError) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result(timeout=30) for each in [pool.submit(run, act) for act in acts]]


def refused(results: Iterable[object]) -> list[bool]:
    """For each refusal, whether it is one that a person is told."""
    return [isinstance(each, DomainError) for each in results if isinstance(each, Exception)]


def meet(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, count: int = 2) -> None:
    """Let `count` threads wait for each other just before the step `name` of a service."""
    barrier, step = Barrier(count, timeout=SURE), getattr(module, name)

    def meeting(*args: Any, **kwargs: Any) -> Any:
        barrier.wait()
        return step(*args, **kwargs)

    monkeypatch.setattr(module, name, meeting)


def meet_after(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, count: int = 2) -> None:
    """Let `count` threads wait for each other just after the step `name`: each has read before another writes."""
    barrier, step = Barrier(count, timeout=SURE), getattr(module, name)

    def meeting(*args: Any, **kwargs: Any) -> Any:
        found = step(*args, **kwargs)
        barrier.wait()
        return found

    monkeypatch.setattr(module, name, meeting)


def wait(barrier: Barrier, seconds: float) -> None:
    """Meet the other thread, or go on after so long: a lock may keep it away."""
    try:
        barrier.wait(timeout=seconds)
    except BrokenBarrierError:
        barrier.abort()


def unlock_reviews(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of two reviewers: no review is locked, and both have read it before either writes."""

    def unlocked(reviews: QuerySet[Review]) -> list[int]:
        return list(reviews.order_by("pk").values_list("pk", flat=True))

    monkeypatch.setattr(locking, "hold", unlocked)
    meet_after(monkeypatch, locking, "read")
