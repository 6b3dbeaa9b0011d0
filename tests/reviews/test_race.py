"""Two reviewers decide at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections
from django.db.models import QuerySet

from portal.accounts.roles import Role
from portal.errors import Conflict, DomainError
from portal.operations.actor import Actor
from portal.reviews.models import Decision, Review
from portal.reviews.services import decide, decide_many, locking
from tests.factories import make_actor
from tests.reviews.support import PhaseReviews, World, make_world

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    PhaseReviews.calls.clear()
    return make_world()


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run each work in a thread of its own; return what each gave or was refused with."""
    results: list[Any] = [None] * len(works)

    def run(place: int) -> None:
        try:
            results[place] = works[place]()
        except DomainError as refused:
            results[place] = refused
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def meet_before(monkeypatch: pytest.MonkeyPatch, name: str, hold: Callable[..., Any]) -> None:
    """Replace the step `name` of locking by `hold`, with both threads waiting for each other just before it."""
    barrier = Barrier(2, timeout=10)

    def meeting(argument: Any) -> Any:
        barrier.wait()
        return hold(argument)

    monkeypatch.setattr(locking, name, meeting)


def unlocked(reviews: QuerySet[Review]) -> Iterable[int]:
    return list(reviews.order_by("pk").values_list("pk", flat=True))


def decisions(world: World, first: Actor, second: Actor) -> list[Any]:
    (review,) = world.open(*world.subjects())
    mine, theirs = Review.objects.get(pk=review.pk), Review.objects.get(pk=review.pk)
    return together(
        lambda: decide(first, mine, verdict="reject", opinion="不同意", version=1),
        lambda: decide(second, theirs, verdict="return", opinion="请补", version=1),
    )


def test_one_of_two_decisions_is_taken_and_the_other_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet_before(monkeypatch, "hold", locking.hold)
    results = decisions(world, world.approver, make_actor(Role.BUREAU_APPROVER, world.bureau))
    refused = [each for each in results if isinstance(each, Conflict)]
    assert len(refused) == 1
    assert Decision.objects.get().by_name in str(refused[0])
    assert len(PhaseReviews.calls) == 1


def test_control_without_the_lock_both_are_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shows that the race is real: the rows are read by both before either has written."""
    monkeypatch.setattr(locking, "hold", unlocked)
    barrier, read = Barrier(2, timeout=10), locking.read

    def reading(keys: Iterable[int]) -> list[Review]:
        rows = read(keys)
        barrier.wait()
        return rows

    monkeypatch.setattr(locking, "read", reading)
    results = decisions(world, world.approver, make_actor(Role.BUREAU_APPROVER, world.bureau))
    assert not any(isinstance(each, DomainError) for each in results)
    assert Decision.objects.count() == 2
    assert len(PhaseReviews.calls) == 2


def test_two_bulk_decisions_share_the_rows_between_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = make_actor(Role.BUREAU_APPROVER, world.bureau)
    world.open(*world.subjects(20))
    meet_before(monkeypatch, "hold", locking.hold)
    tallies = together(
        lambda: decide_many(world.approver, Review.objects.all(), verdict="approve"),
        lambda: decide_many(second, Review.objects.all(), verdict="approve"),
    )
    assert sum(each.decided for each in tallies) == 20
    assert Decision.objects.count() == 20
