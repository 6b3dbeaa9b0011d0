"""Reviews that end without a verdict."""

from typing import Any

import pytest
from django.db import transaction

from portal import clock
from portal.errors import NotAllowed
from portal.messages.models import Message
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.reviews import queries
from portal.reviews.models import Review
from portal.reviews.services import decide, lapse, withdraw_reviews
from portal.reviews.states import REVIEW
from portal.rulebook.models import Phase
from tests.reviews.support import PhaseReviews, World

WORKER = Actor.system("worker")


def test_the_worker_lapses_what_is_open_once(world: World) -> None:
    reviews = world.open(*world.subjects(3))
    decide(world.approver, reviews[0], verdict="reject", opinion="不符")
    assert lapse(WORKER, Review.objects.all(), reason="资格审核已截止") == 2
    assert lapse(WORKER, Review.objects.all()) == 0
    assert sorted(Review.objects.values_list("state", flat=True)) == ["lapsed", "lapsed", "rejected"]
    assert PhaseReviews.calls.count(("lapsed", 2)) == 1
    assert Message.objects.filter(recipient=world.school_admin.user, title__contains="逾期").count() == 1
    entry = AuditEntry.objects.filter(operation="reviews.lapse").last()
    assert [row["review"] for row in entry.rows] == [each.pk for each in reviews[1:]]
    assert queries.history(Phase.objects.get(pk=reviews[1].subject_id))[0].label == "逾期失效"


def test_no_person_lapses_reviews(world: World) -> None:
    world.open(*world.subjects())
    with pytest.raises(NotAllowed):
        lapse(world.reviewer, Review.objects.all())


def withdrawn(world: World, *subjects: Phase) -> int:
    with transaction.atomic():
        return withdraw_reviews(Act(world.school_admin, clock.now()), subjects)


def test_what_is_withdrawn_can_be_submitted_again(world: World) -> None:
    subjects = world.subjects(2)
    (first, _second) = world.open(*subjects)
    assert withdrawn(world, *subjects) == 2
    assert withdrawn(world, *subjects) == 0
    assert withdrawn(world) == 0
    first.refresh_from_db()
    assert (first.state, first.version) == ("withdrawn", 2)
    assert queries.history(subjects[0])[0].organization_name == world.school.name
    assert len(world.open(*subjects)) == 2
    assert PhaseReviews.calls == []


@pytest.mark.parametrize("state", ["open", "approved", "returned", "rejected", "lapsed", "withdrawn"])
@pytest.mark.parametrize("action", ["approve", "return", "reject", "lapse", "withdraw"])
def test_only_an_open_review_ends(state: str, action: str) -> None:
    assert (REVIEW.target(state, action) is not None) == (state == "open")


@pytest.mark.parametrize("count", [2, 40])
def test_lapsing_costs_the_same_for_two_and_for_many(
    world: World, count: int, django_assert_num_queries: Any
) -> None:
    world.open(*world.subjects(count))
    with django_assert_num_queries(15):
        lapse(WORKER, Review.objects.all())
