"""Two reviewers decide at the same moment."""

from __future__ import annotations

from typing import Any

import pytest

from portal.accounts.roles import Role
from portal.errors import Conflict
from portal.operations.actor import Actor
from portal.reviews.models import Decision, Review
from portal.reviews.services import decide, decide_many, locking
from tests.factories import make_actor
from tests.races import at_once, meet, refused, unlock_reviews
from tests.reviews.support import PhaseReviews, World, make_world

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    PhaseReviews.calls.clear()
    return make_world()


def decisions(world: World, first: Actor, second: Actor) -> list[Any]:
    (review,) = world.open(*world.subjects())
    mine, theirs = Review.objects.get(pk=review.pk), Review.objects.get(pk=review.pk)
    return at_once(
        lambda: decide(first, mine, verdict="reject", opinion="不同意", version=1),
        lambda: decide(second, theirs, verdict="return", opinion="请补", version=1),
    )


def test_one_of_two_decisions_is_taken_and_the_other_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet(monkeypatch, locking, "hold")
    results = decisions(world, world.approver, make_actor(Role.BUREAU_APPROVER, world.bureau))
    (told,) = [each for each in results if isinstance(each, Conflict)]
    assert Decision.objects.get().by_name in str(told)
    assert len(PhaseReviews.calls) == 1


def test_control_without_the_lock_both_are_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shows that the race is real: the rows are read by both before either has written."""
    unlock_reviews(monkeypatch)
    results = decisions(world, world.approver, make_actor(Role.BUREAU_APPROVER, world.bureau))
    assert refused(results) == []
    assert Decision.objects.count() == 2
    assert len(PhaseReviews.calls) == 2


def test_two_bulk_decisions_share_the_rows_between_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = make_actor(Role.BUREAU_APPROVER, world.bureau)
    world.open(*world.subjects(20))
    meet(monkeypatch, locking, "hold")
    tallies = at_once(
        lambda: decide_many(world.approver, Review.objects.all(), verdict="approve"),
        lambda: decide_many(second, Review.objects.all(), verdict="approve"),
    )
    assert sum(each.decided for each in tallies) == 20
    assert Decision.objects.count() == 20
