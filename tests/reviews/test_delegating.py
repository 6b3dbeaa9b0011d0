"""A step put into another's hands."""

import pytest

from portal.accounts.models import Membership, User
from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed
from portal.messages.models import Message
from portal.reviews.models import Review
from portal.reviews.services import decide, delegate, take_back
from tests.factories import UserFactory, make_actor
from tests.reviews.support import World, opened


def test_a_delegate_of_another_organization_sees_it_decides_it_and_is_told(world: World) -> None:
    expert = make_actor(Role.EXPERT, make_actor(Role.BASE_ADMIN).organization)
    (review,) = world.open(*world.subjects())
    given = delegate(world.approver, review, to=expert.user, reason="请专家把关", version=1)
    assert (given.delegate, given.version) == (expert.user, 2)
    assert Review.objects.visible_to(expert).get() == review
    assert Review.objects.waiting_for(expert).get() == review
    assert Message.objects.filter(recipient=expert.user, title__contains="委托您审核", urgent=True).exists()
    assert decide(expert, Review.objects.get(pk=review.pk), verdict="approve").reviewer == world.office
    assert Review.objects.visible_to(expert).get() == review


def test_the_holder_keeps_the_right_to_decide(world: World) -> None:
    helper = make_actor(Role.BUREAU_CLERK, world.bureau)
    (review,) = world.open(*world.subjects())
    given = delegate(world.approver, review, to=helper.user)
    assert decide(world.approver, given, verdict="approve").decisions.get().delegated is False


def test_a_delegation_can_be_taken_back_and_the_delegate_is_told(world: World) -> None:
    helper = make_actor(Role.BUREAU_CLERK, world.bureau)
    (review,) = world.open(*world.subjects())
    given = delegate(world.approver, review, to=helper.user)
    back = take_back(world.approver, given)
    assert (back.delegate, back.version) == (None, 3)
    assert not Review.objects.waiting_for(helper).exists()
    assert Message.objects.filter(recipient=helper.user, title__contains="已收回").exists()
    with pytest.raises(Invalid, match="没有委托他人"):
        take_back(world.approver, back)


def test_a_delegate_cannot_delegate_further(world: World) -> None:
    helper = make_actor(Role.BUREAU_CLERK, world.bureau)
    (review,) = world.open(*world.subjects())
    given = delegate(world.approver, review, to=helper.user)
    with pytest.raises(NotAllowed):
        delegate(helper, given, to=world.approver.user)


def test_the_submitting_organization_abstains(world: World) -> None:
    (review,) = world.open(*world.subjects())
    with pytest.raises(Invalid, match="应当回避"):
        delegate(world.approver, review, to=world.school_admin.user)


def test_colleagues_may_help_where_the_reviewer_itself_submitted(world: World) -> None:
    colleague = make_actor(Role.PROGRAM_MANAGER, world.office)
    (review,) = opened(world.reviewer, world.subjects())
    assert review.origin == review.reviewer == world.office
    assert delegate(world.reviewer, review, to=colleague.user).delegate == colleague.user


@pytest.mark.parametrize("kind", ["self", "trainee", "nobody", "ended", "inactive"])
def test_unfit_people_are_refused(world: World, kind: str) -> None:
    helper = make_actor(Role.BUREAU_CLERK, world.bureau)
    if kind == "ended":
        Membership.objects.filter(user=helper.user).update(ended_at="2020-01-01T00:00Z")
    if kind == "inactive":
        User.objects.filter(pk=helper.user.pk).update(is_active=False)
    people = {
        "self": world.approver.user,
        "trainee": make_actor(Role.TRAINEE).user,
        "nobody": UserFactory(),
        "ended": helper.user,
        "inactive": User.objects.get(pk=helper.user.pk),
    }
    (review,) = world.open(*world.subjects())
    with pytest.raises(Invalid) as refused:
        delegate(world.approver, review, to=people[kind])
    assert refused.value.field == "to"


def test_a_review_that_moved_cannot_be_delegated(world: World) -> None:
    helper = make_actor(Role.BUREAU_CLERK, world.bureau)
    (review,) = world.open(*world.subjects())
    stale = Review.objects.select_related("step", "reviewer").get(pk=review.pk)
    decide(world.approver, review, verdict="approve")
    with pytest.raises(Conflict, match="通过"):
        delegate(world.approver, stale, to=helper.user)
