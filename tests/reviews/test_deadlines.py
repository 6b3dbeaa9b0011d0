"""What time does to reviews."""

from datetime import timedelta

import pytest

from portal import clock
from portal.accounts.roles import Role
from portal.messages.models import Message
from portal.reviews.models import Review, ReviewChain
from portal.reviews.services import lapse_with, open_review
from portal.reviews.services.deadlines import remind
from portal.reviews.tasks import remind_reviewers
from portal.rulebook.models import Phase
from tests.factories import make_actor
from tests.reviews.support import KIND, World


def reminders(who: object) -> list[str]:
    rows = Message.objects.filter(recipient=who, key__startswith="review-due").order_by("pk")
    return list(rows.values_list("title", flat=True))


def test_holders_are_reminded_once_a_day_from_a_day_before(world: World) -> None:
    reviews = world.open(*world.subjects(3))
    due = reviews[0].due_at
    assert remind(due - timedelta(days=1, seconds=1)) == 0
    assert remind(due - timedelta(hours=20)) == 1
    assert remind(due - timedelta(hours=20)) == 0
    assert remind(due + timedelta(minutes=1)) == 1
    assert reminders(world.approver.user) == [
        "3项“进程”即将到期须审结，其中0项已逾期",
        "3项“进程”即将到期须审结，其中3项已逾期",
    ]
    assert reminders(world.reviewer.user) == []


def test_the_task_reminds_by_business_time(world: World) -> None:
    world.open(*world.subjects(), due_at=clock.now() + timedelta(hours=2))
    remind_reviewers()
    remind_reviewers()
    assert len(reminders(world.approver.user)) == 1


@pytest.mark.parametrize(("fact", "lapsed"), [(True, 2), (False, 0), (None, 0)])
def test_a_closed_window_ends_its_reviews_where_the_notice_says_so(
    world: World, fact: bool | None, lapsed: int
) -> None:
    ReviewChain.objects.filter(organization_kind="school").update(phase="audit")
    world.rulebook.facts = {} if fact is None else {"lapse_reviews": fact}
    world.rulebook.save()
    phase = Phase.objects.create(rulebook=world.rulebook, code="audit", name="资格审核")
    world.open(*world.subjects(2))
    elsewhere = world.open(*world.subjects(), origin=world.bureau)
    assert lapse_with(phase) == lapsed
    assert lapse_with(phase) == 0
    assert Review.objects.filter(state="lapsed").count() == lapsed
    assert Review.objects.get(pk=elsewhere[0].pk).state == "open"


def test_a_single_review_is_opened_like_many(world: World) -> None:
    from portal.operations.act import Act

    act = Act(make_actor(Role.SCHOOL_ADMIN, world.school), clock.now())
    (subject,) = world.subjects()
    review = open_review(act, subject, kind=KIND, origin=world.school, title="长" * 300)
    assert (review.reviewer, len(review.title)) == (world.bureau, 200)
    assert Review.objects.of_subject(subject).get() == review
