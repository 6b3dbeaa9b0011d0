"""Who sees which reviews, what waits for whom, and what the history says."""

from typing import Any

import pytest

from portal import clock
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.reviews import queries
from portal.reviews.models import Review
from portal.reviews.plugs import reviews_waiting
from portal.reviews.services import decide, delegate, take_back
from portal.rulebook.models import Phase
from tests.factories import make_actor
from tests.reviews.support import World

NOBODY = Actor(name="无机构")


def test_each_sees_what_comes_from_below_or_lies_in_their_hands(world: World) -> None:
    world.open(*world.subjects())
    for who in (
        world.school_admin,
        world.approver,
        world.reviewer,
        make_actor(Role.BUREAU_CLERK, world.bureau),
    ):
        assert Review.objects.visible_to(who).count() == 1
    for who in (make_actor(Role.SCHOOL_ADMIN), make_actor(Role.BUREAU_APPROVER), NOBODY):
        assert not Review.objects.visible_to(who).exists()
    assert Review.objects.visible_to(Actor.system("worker")).count() == 1


@pytest.mark.parametrize("role", [Role.TRAINEE, Role.EXPERT])
def test_trainees_and_experts_see_only_what_was_given_to_them(world: World, role: Role) -> None:
    outsider = make_actor(role, world.school)
    (review,) = world.open(*world.subjects())
    assert not Review.objects.visible_to(outsider).exists()
    Review.objects.filter(pk=review.pk).update(delegate=outsider.user)
    assert Review.objects.visible_to(outsider).get() == review


def test_the_lists_of_one_person(world: World) -> None:
    first, second = world.open(*world.subjects(2))
    assert set(Review.objects.waiting_for(world.approver)) == {first, second}
    decide(world.approver, first, verdict="approve")
    assert Review.objects.waiting_for(world.approver).get() == second
    assert Review.objects.waiting_for(world.reviewer).get() == first
    assert Review.objects.decided_by(world.approver).get() == first
    assert Review.objects.sent_from(world.school_admin).count() == 2
    for rows in (Review.objects.waiting_for, Review.objects.decided_by, Review.objects.sent_from):
        assert not rows(NOBODY).exists()


def test_reviews_of_a_queryset_of_subjects(world: World) -> None:
    first, _second = world.open(*world.subjects(2))
    assert Review.objects.about(Phase.objects.filter(pk=first.subject_id)).get() == first


def test_the_desk_counts_what_waits_in_one_query(world: World, django_assert_num_queries: Any) -> None:
    reviews = world.open(*world.subjects(3))
    with django_assert_num_queries(1):
        (line,) = reviews_waiting(world.approver, clock.now())
    assert (line.count, line.due) == (3, reviews[0].due_at)
    assert "进程" in str(line.title)
    assert list(reviews_waiting(NOBODY, clock.now())) == []


def test_the_history_tells_everything_newest_first(world: World) -> None:
    subject = world.subjects()[0]
    helper = make_actor(Role.BUREAU_CLERK, world.bureau)
    (review,) = world.open(subject)
    delegate(world.approver, review, to=helper.user, reason="出差")
    take_back(world.approver, review)
    review = delegate(world.approver, Review.objects.get(pk=review.pk), to=helper.user)
    decide(helper, review, verdict="return", opinion="请补")
    world.open(subject)
    told = [(each.label, each.actor_name, each.reason) for each in queries.history(subject)]
    assert told == [
        ("提交审核", "", ""),
        ("区县审批：退回修改", f"{helper.name}（受托）", "请补"),
        (f"区县审批：委托{helper.name}审核", world.approver.name, ""),
        ("区县审批：收回委托", world.approver.name, ""),
        (f"区县审批：委托{helper.name}审核", world.approver.name, "出差"),
        ("提交审核", "", ""),
    ]
    assert queries.history(world.subjects()[0]) == []


def test_the_history_costs_the_same_however_long_it_is(world: World, django_assert_num_queries: Any) -> None:
    subject = world.subjects()[0]
    for _round in range(3):
        (review,) = world.open(subject)
        decide(world.approver, review, verdict="return", opinion="请补")
    with django_assert_num_queries(4):
        assert len(queries.history(subject)) == 6


def test_who_has_a_record_now(world: World, django_assert_num_queries: Any) -> None:
    subject, other = world.subjects(2)
    (review,) = world.open(subject)
    standing = queries.standing(subject)
    assert standing == review
    assert queries.standing(other) is None
    with django_assert_num_queries(1):
        found = queries.standings(Phase, [subject.pk, other.pk])
        assert found[subject.pk].reviewer == world.bureau
    assert list(found) == [subject.pk]
