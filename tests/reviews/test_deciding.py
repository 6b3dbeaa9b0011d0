"""One person decides one review, or many at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed, OutsidePhase, RuleBroken
from portal.messages.models import Message
from portal.operations.models import AuditEntry
from portal.reviews.models import Review, ReviewChain
from portal.reviews.services import decide, decide_many, delegate
from portal.rulebook.models import Phase
from tests.factories import make_actor
from tests.reviews.support import PhaseReviews, World, opened


def outcome(review: Review) -> str:
    return Phase.objects.get(pk=review.subject_id).actors


def test_approval_moves_to_the_next_step_and_the_last_one_closes(world: World) -> None:
    (review,) = world.open(*world.subjects())
    moved = decide(world.approver, review, verdict="approve", version=1)
    assert (moved.reviewer, moved.step.name, moved.state, moved.version) == (
        world.office,
        "项目办审核",
        "open",
        2,
    )
    assert outcome(review) == "at 项目办审核"
    closed = decide(world.reviewer, moved, verdict="approve", opinion="同意", version=2)
    closed.refresh_from_db()
    assert (closed.state, closed.version, closed.closed_at is not None) == ("approved", 3, True)
    assert outcome(review) == "approved"


@pytest.mark.parametrize(("verdict", "state"), [("return", "returned"), ("reject", "rejected")])
def test_the_first_refusal_closes_with_its_opinion(world: World, verdict: str, state: str) -> None:
    (review,) = world.open(*world.subjects())
    decided = decide(world.approver, review, verdict=verdict, opinion="专业不符")
    assert decided.state == state
    assert outcome(review) == f"{state}: 专业不符"
    decision = decided.decisions.get()
    assert (decision.verdict, decision.by, decision.organization) == (
        verdict,
        world.approver.user,
        world.bureau,
    )


def test_the_submitting_staff_is_told_urgently_and_its_trainees_are_not(world: World) -> None:
    make_actor(Role.TRAINEE, world.school)
    (review,) = world.open(*world.subjects())
    decide(world.approver, review, verdict="return", opinion="请补照片")
    message = Message.objects.get(title__contains="被退回")
    assert message.recipient == world.school_admin.user
    assert (message.urgent, "请补照片" in message.body, message.url) == (
        True,
        True,
        f"/subjects/{review.subject_id}/",
    )


@pytest.mark.parametrize("verdict", ["return", "reject"])
@pytest.mark.parametrize("opinion", ["", "  "])
def test_a_refusal_without_a_reason_is_not_taken(world: World, verdict: str, opinion: str) -> None:
    (review,) = world.open(*world.subjects())
    with pytest.raises(Invalid, match="写明理由") as refused:
        decide(world.approver, review, verdict=verdict, opinion=opinion)
    assert refused.value.field == "opinion"
    assert not review.decisions.exists()


def test_an_unknown_verdict_is_refused(world: World) -> None:
    (review,) = world.open(*world.subjects())
    with pytest.raises(Invalid, match="请选择审核结论"):
        decide(world.approver, review, verdict="maybe")


@pytest.mark.parametrize("who", ["school_admin", "reviewer"])
def test_only_the_holder_of_the_present_step_decides(world: World, who: str) -> None:
    (review,) = world.open(*world.subjects())
    with pytest.raises(NotAllowed):
        decide(getattr(world, who), review, verdict="approve")
    assert decide.refusal(world.approver, review) is None


def test_the_same_role_elsewhere_may_not(world: World) -> None:
    (review,) = world.open(*world.subjects())
    with pytest.raises(NotAllowed):
        decide(make_actor(Role.BUREAU_APPROVER), review, verdict="approve")


def test_the_second_of_two_reviewers_is_told_who_decided_what(world: World) -> None:
    second = make_actor(Role.BUREAU_APPROVER, world.bureau)
    (review,) = world.open(*world.subjects())
    stale = Review.objects.get(pk=review.pk)
    decide(world.approver, review, verdict="return", opinion="请补")
    with pytest.raises(Conflict, match=f"{world.approver.name}.*退回修改"):
        decide(second, stale, verdict="approve", version=1)
    fresh = Review.objects.get(pk=review.pk)
    with pytest.raises(Conflict, match="退回修改"):
        decide(second, fresh, verdict="approve", version=1)


def test_a_change_that_was_no_decision_conflicts_too(world: World) -> None:
    (review,) = world.open(*world.subjects())
    other = make_actor(Role.BUREAU_CLERK, world.bureau)
    delegate(world.approver, review, to=other.user)
    with pytest.raises(Conflict, match="刚有变化"):
        decide(world.approver, review, verdict="approve", version=1)


def test_what_the_handler_refuses_undoes_the_decision(world: World) -> None:
    (review,) = opened(make_actor(Role.COLLEGE_ADMIN), world.subjects(name="规则不允许"), origin=world.bureau)
    with pytest.raises(RuleBroken, match="名额已用完"):
        decide(world.reviewer, review, verdict="approve")
    review.refresh_from_db()
    assert (review.state, review.decisions.count()) == ("open", 0)


def test_decisions_wait_for_their_window(world: World) -> None:
    ReviewChain.objects.update(phase="audit")
    past = timezone.now() - timedelta(days=1)
    window = Phase.objects.create(rulebook=world.rulebook, code="audit", name="资格审核", closes_at=past)
    (review,) = world.open(*world.subjects())
    with pytest.raises(OutsidePhase, match="截止"):
        decide(world.approver, review, verdict="approve")
    with pytest.raises(OutsidePhase, match="截止"):
        decide_many(world.approver, Review.objects.all(), verdict="approve")
    Phase.objects.filter(pk=window.pk).update(closes_at=None)
    assert decide(world.approver, review, verdict="approve").step.name == "项目办审核"


def test_the_audit_says_before_and_after(world: World) -> None:
    (review,) = world.open(*world.subjects())
    decide(world.approver, review, verdict="approve", opinion="同意")
    entry = AuditEntry.objects.get(operation="reviews.decide")
    assert entry.before == {"state": "open", "step": "区县审批"}
    assert entry.after == {"state": "open", "step": "项目办审核", "verdict": "approve"}
    assert (entry.reason, entry.subject_id) == ("同意", str(review.pk))


def test_a_bulk_decision_takes_what_waits_for_the_actor_and_counts_the_rest(world: World) -> None:
    mine = world.open(*world.subjects(3))
    world.open(*world.subjects(2), origin=world.bureau)
    decide(world.approver, mine[0], verdict="approve")
    tally = decide_many(world.approver, Review.objects.all(), verdict="approve")
    assert (tally.decided, tally.moved_on, tally.skipped) == (2, 2, 3)
    final = decide_many(world.reviewer, Review.objects.all(), verdict="approve")
    assert (final.decided, final.moved_on, final.skipped) == (5, 0, 0)
    assert set(Review.objects.values_list("state", flat=True)) == {"approved"}
    assert ("approved", 5) in PhaseReviews.calls


def test_a_bulk_refusal_writes_one_audit_entry_and_one_message_a_school(world: World) -> None:
    reviews = world.open(*world.subjects(3))
    decide_many(world.approver, Review.objects.all(), verdict="return", opinion="请核对年龄")
    entry = AuditEntry.objects.get(operation="reviews.decide_many")
    assert [row["review"] for row in entry.rows] == [each.pk for each in reviews]
    assert (entry.reason, entry.after["decided"]) == ("请核对年龄", 3)
    message = Message.objects.get(recipient=world.school_admin.user)
    assert message.title.startswith("3项")
    assert "state=returned" in message.url


def test_nothing_that_waits_is_no_error(world: World) -> None:
    world.open(*world.subjects())
    tally = decide_many(world.reviewer, Review.objects.all(), verdict="approve")
    assert (tally.decided, tally.skipped) == (0, 1)


@pytest.mark.parametrize("count", [3, 60])
@pytest.mark.parametrize(("who", "queries"), [("approver", 20), ("reviewer", 19)])
def test_a_bulk_decision_costs_the_same_for_three_and_for_many(
    world: World, count: int, who: str, queries: int, django_assert_num_queries: Any
) -> None:
    subjects = world.subjects(count)
    world.open(*subjects, origin=world.school if who == "approver" else world.bureau)
    with django_assert_num_queries(queries):
        decide_many(getattr(world, who), Review.objects.all(), verdict="approve")


def test_a_delegate_decides_in_the_reviewers_name(world: World) -> None:
    helper = make_actor(Role.BUREAU_CLERK, world.bureau)
    (review,) = world.open(*world.subjects())
    delegate(world.approver, review, to=helper.user)
    review.refresh_from_db()
    moved = decide(helper, review, verdict="approve")
    decision = moved.decisions.get()
    assert (decision.delegated, decision.organization, moved.delegate) == (True, world.bureau, None)
    with pytest.raises(Conflict, match="通过"):
        decide(helper, moved, verdict="approve")
