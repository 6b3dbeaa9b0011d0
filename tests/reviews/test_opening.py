"""Sending records through the chain that the rulebook names."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from portal import clock
from portal.accounts.roles import Role
from portal.errors import Conflict, DomainError, Invalid, WrongState
from portal.messages.models import Message
from portal.operations.act import Act
from portal.organizations.kinds import Kind
from portal.reviews.models import Review, ReviewChain
from portal.reviews.routes import Tree
from portal.reviews.services import opening
from tests.factories import (
    BaseFactory,
    BureauFactory,
    CollegeFactory,
    OrganizationFactory,
    ProjectOfficeFactory,
    SchoolFactory,
    make_actor,
)
from tests.reviews.support import (
    BY_REVIEWER_KIND,
    KIND,
    OFFICE_STEP,
    PhaseReviewsByBase,
    World,
    make_chain,
    opened,
)


def test_what_a_school_submits_waits_at_its_bureau_first(world: World) -> None:
    (review,) = world.open(*world.subjects())
    assert (review.reviewer, review.step.name, review.state) == (world.bureau, "区县审批", "open")


def test_another_kind_of_organization_takes_the_chain_for_any(world: World) -> None:
    college = CollegeFactory(parent=world.office.parent)
    (review,) = opened(make_actor(Role.COLLEGE_ADMIN, college), world.subjects())
    assert (review.reviewer, review.step.name) == (world.office, "项目办审核")


def test_a_step_without_an_organization_is_passed_over(world: World) -> None:
    ReviewChain.objects.filter(organization_kind="").delete()
    make_chain(world, "", [("区县审批", Role.BUREAU_APPROVER, Kind.BUREAU, None), OFFICE_STEP])
    college = CollegeFactory(parent=world.office.parent)
    (review,) = opened(make_actor(Role.COLLEGE_ADMIN, college), world.subjects())
    assert review.step.name == "项目办审核"


def test_nobody_at_any_step_is_said(world: World) -> None:
    lonely = CollegeFactory(parent=OrganizationFactory())
    with pytest.raises(DomainError, match="找不到") as refused:
        opened(make_actor(Role.COLLEGE_ADMIN, lonely), world.subjects())
    assert refused.value.code == "no_reviewer"


def test_a_rulebook_without_a_chain_is_said(world: World) -> None:
    ReviewChain.objects.all().delete()
    with pytest.raises(DomainError, match="没有规定") as refused:
        world.open(*world.subjects())
    assert refused.value.code == "no_review_chain"
    assert not Review.objects.exists()


def test_an_unknown_kind_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="没有名为"):
        world.open(*world.subjects(), kind="tests.unknown")


def test_nothing_to_open_opens_nothing(world: World) -> None:
    assert world.open() == []


def test_a_record_under_review_cannot_be_submitted_again(world: World) -> None:
    subjects = world.subjects()
    world.open(*subjects)
    with pytest.raises(WrongState, match="已在审核中"):
        world.open(*subjects)


def test_the_constraint_stops_what_came_between(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check before the insert is a courtesy; two submissions at once meet at the constraint."""
    subjects = world.subjects()
    world.open(*subjects)
    monkeypatch.setattr(opening, "_none_open", lambda handler, records: None)
    with pytest.raises(Conflict, match="刚被他人提交"):
        world.open(*subjects)
    assert Review.objects.count() == 1


def test_a_step_is_due_at_the_end_of_its_last_day_but_not_after_the_deadline(world: World) -> None:
    friday = datetime(2020, 10, 30, 2, tzinfo=UTC)
    step = ReviewChain.objects.get(organization_kind="").steps.get()
    assert opening.due(friday, step, None).isoformat().startswith("2020-11-02T23:59:59")
    deadline = datetime(2020, 10, 31, tzinfo=UTC)
    assert opening.due(friday, step, deadline) == deadline
    step.days = None
    assert opening.due(friday, step, None) is None


def test_the_handler_names_the_reviewer_where_the_tree_does_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = BaseFactory(parent=world.office.parent)
    monkeypatch.setattr(PhaseReviewsByBase, "base", base)
    make_chain(
        world, "", [("基地确认", Role.BASE_ADMIN, Kind.BASE, None), OFFICE_STEP], kind=BY_REVIEWER_KIND
    )
    (review,) = world.open(*world.subjects(), kind=BY_REVIEWER_KIND)
    assert review.reviewer == base


def test_the_nearest_organization_is_found_and_the_oldest_office(world: World) -> None:
    ProjectOfficeFactory(parent=world.office.parent)
    tree = Tree([world.school])
    assert tree.nearest(world.school, Kind.SCHOOL) == world.school
    assert tree.nearest(world.school, Kind.PROJECT_OFFICE) == world.office
    assert tree.nearest(world.school, Kind.BASE) is None
    assert Tree([world.office]).nearest(world.office, Kind.PROJECT_OFFICE) == world.office


def test_an_organization_out_of_use_reviews_nothing(world: World) -> None:
    type(world.bureau).objects.filter(pk=world.bureau.pk).update(active=False)
    (review,) = world.open(*world.subjects())
    assert review.reviewer == world.office


def test_reviewers_are_told_once_a_day_however_much_arrives(world: World) -> None:
    world.open(*world.subjects(3))
    world.open(*world.subjects(2))
    (message,) = Message.objects.filter(recipient=world.approver.user)
    assert "本次3项" in message.title


@pytest.mark.parametrize("count", [3, 60])
def test_opening_costs_the_same_for_three_and_for_many(
    world: World, count: int, django_assert_num_queries: Any
) -> None:
    other = make_actor(Role.SCHOOL_ADMIN, world.school)
    ContentType.objects.get_for_model(Review)
    subjects = world.subjects(count)
    opened(other, world.subjects())
    with django_assert_num_queries(11):
        opened(other, subjects)


def test_bureaus_of_a_mixed_batch_get_their_own(world: World) -> None:
    other = BureauFactory(parent=world.office.parent)
    subjects = world.subjects(2)
    origins = {subjects[0].pk: world.school, subjects[1].pk: SchoolFactory(parent=other)}
    with transaction.atomic():
        act = Act(world.school_admin, clock.now())
        reviews = opening.open_reviews(act, subjects, kind=KIND, origin=lambda each: origins[each.pk])
    assert [each.reviewer for each in reviews] == [world.bureau, other]
    assert [each.title for each in reviews] == [str(each) for each in subjects]
