"""The same class, plan or opening by two people at the same moment; beside each race a control with the guard off."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Event
from typing import Any

import pytest
from django.db.models import QuerySet

from portal.accounts.roles import Role
from portal.messages.models import Message
from portal.operations.act import Act
from portal.operations.models import AuditEntry
from portal.operations.states import StateTable
from portal.reviews.models import Decision, Review, Verdict
from portal.reviews.services import decide, locking
from programs import hooks
from programs.models import (
    Lesson,
    OpeningNotice,
    PlanState,
    Submission,
    SubmissionState,
    TrainingClass,
    TrainingPlan,
)
from programs.services import classes, notices, opening, plan_reviews, plans
from programs.services.notices import issue_notice, save_notice
from programs.services.opening import open_class
from programs.services.plans import save_plan, submit_plan
from programs.services.prefilling import notice_draft
from programs.tasks import follow_notices
from tests.factories import make_actor
from tests.programs.audience import Audience
from tests.programs.training import PLAN, approved, fresh, noticed, planned, published, ready, submitted
from tests.programs.world import World, make_class, moment, set_clock
from tests.races import KEPT_AWAY, SURE, at_once, meet, refused, unlock_reviews, wait

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def unguarded(table: StateTable, obj: Any, action: str, **fields: Any) -> Any:
    """A state table's door without its condition."""
    target = table.target(obj.state, action)
    table.model._default_manager.filter(pk=obj.pk).update(state=target, **fields)
    obj.state = target
    return obj


def two_reviewers(world: World) -> list[object]:
    plan = submitted(world, published(world))
    (key,) = Review.objects.of_subject(plan).values_list("pk", flat=True)
    mine, theirs = Review.objects.get(pk=key), Review.objects.get(pk=key)
    first, second = world.actor(Role.OFFICE_REVIEWER), make_actor(Role.OFFICE_REVIEWER, world.office)
    return at_once(
        lambda: decide(first, mine, verdict=Verdict.APPROVE),
        lambda: decide(second, theirs, verdict=Verdict.RETURN, opinion="请补充"),
    )


@pytest.mark.clause("CQ20-5.1")
def test_of_two_reviewers_of_a_plan_one_decides(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    meet(monkeypatch, locking, "hold")
    assert refused(two_reviewers(world)) == [True]
    outcome = TrainingPlan.objects.get().state, Submission.objects.get().state, Decision.objects.count()
    assert outcome in [
        (PlanState.APPROVED, SubmissionState.ACCEPTED, 1),
        (PlanState.RETURNED, SubmissionState.RETURNED, 1),
    ]


def test_control_without_the_review_s_lock_both_settle_the_plan(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, settle = list[str](), plan_reviews.PlanReviews._settle

    def counting(self: Any, act: Act, subjects: Any, action: str, *rest: Any) -> None:
        calls.append(action)
        settle(self, act, subjects, action, *rest)

    unlock_reviews(monkeypatch)
    monkeypatch.setattr(plan_reviews.PlanReviews, "_settle", counting)
    two_reviewers(world)
    assert sorted(calls) == ["approve", "return"]


def two_submissions(world: World) -> list[object]:
    made = published(world)
    planned(world, made)
    mine, theirs = fresh(made).plan, fresh(made).plan
    return at_once(lambda: submit_plan(world.base_admin, mine), lambda: submit_plan(world.base_admin, theirs))


@pytest.mark.clause("CQ20-5.1")
def test_a_plan_submitted_by_two_at_once_is_submitted_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet(monkeypatch, plans, "hold")
    assert refused(two_submissions(world)) == [True]
    assert (Review.objects.open().count(), Submission.objects.count()) == (1, 1)


def test_control_without_lock_and_state_only_the_database_keeps_a_second_review_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, opens = list[int](), plans.open_review

    def opening_both(*args: Any, **kwargs: Any) -> Review:
        calls.append(1)
        return opens(*args, **kwargs)

    monkeypatch.setattr(plans, "hold", lambda *_args: None)
    meet(monkeypatch, plans, "hold")
    monkeypatch.setattr(StateTable, "apply", unguarded)
    monkeypatch.setattr(plans, "open_review", opening_both)
    results = two_submissions(world)
    assert (len(calls), len(refused(results))) == (2, 1)


def changed_while_submitting(world: World, monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[object]:
    """One saves the plan, the other submits it: each has read it before the other writes."""
    made = published(world)
    plan = planned(world, made)
    version, theirs = plan.version, fresh(made).plan
    barrier, require, judge = Barrier(2, timeout=20), plans._require_writable, plans.class_case

    def writable(found: TrainingPlan) -> None:
        require(found)
        wait(barrier, seconds)

    def judged(training_class: TrainingClass) -> Any:
        wait(barrier, seconds)
        return judge(training_class)

    monkeypatch.setattr(plans, "_require_writable", writable)
    monkeypatch.setattr(plans, "class_case", judged)
    return at_once(
        lambda: save_plan(
            world.base_admin, fresh(made), values={**PLAN, "goals": "改过的目标"}, version=version
        ),
        lambda: submit_plan(world.base_admin, theirs),
    )


@pytest.mark.clause("CQ20-5.1")
def test_a_plan_is_not_changed_under_its_reviewers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    results = changed_while_submitting(world, monkeypatch, KEPT_AWAY)
    plan = TrainingPlan.objects.get()
    assert refused(results) == [True]
    assert (plan.state, plan.goals) in [
        (PlanState.SUBMITTED, PLAN["goals"]),
        (PlanState.DRAFT, "改过的目标"),
    ]


def test_control_without_locking_the_plan_both_go_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "hold", lambda *_args: None)
    monkeypatch.setattr(TrainingPlan.objects, "select_for_update", TrainingPlan.objects.all)
    assert refused(changed_while_submitting(world, monkeypatch, SURE)) == []
    assert (TrainingPlan.objects.get().state, TrainingPlan.objects.get().goals) == (
        PlanState.SUBMITTED,
        "改过的目标",
    )


def changed_while_issuing(world: World, monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[object]:
    """One goes on with the opening notice; after it has read it as a draft, the other issues it."""
    made = approved(world, published(world))
    notice = save_notice(world.base_admin, made, values=notice_draft(made))
    theirs, values = fresh(made).notice, notice_draft(made) | {"bring": "另带笔记本电脑"}
    read, issued, save = Event(), Event(), notices.save_version

    def save_late(*args: Any, **kwargs: Any) -> None:
        read.set()
        issued.wait(seconds)
        save(*args, **kwargs)

    def issue() -> object:
        assert read.wait(SURE)
        done = issue_notice(world.base_admin, theirs)
        issued.set()
        return done

    monkeypatch.setattr(notices, "save_version", save_late)
    return at_once(
        lambda: save_notice(world.base_admin, fresh(made), values=values, version=notice.version), issue
    )


@pytest.mark.clause("CQ20-3.4")
def test_a_notice_is_not_changed_behind_its_issue(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(changed_while_issuing(world, monkeypatch, KEPT_AWAY)) == [True]
    notice = OpeningNotice.objects.get()
    assert (notice.issued_at, notice.bring) == (None, "另带笔记本电脑")


def test_control_without_locking_the_notice_it_says_what_nobody_was_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OpeningNotice.objects, "select_for_update", OpeningNotice.objects.all)
    assert refused(changed_while_issuing(world, monkeypatch, SURE)) == []
    notice = OpeningNotice.objects.get()
    assert (bool(notice.issued_at), notice.bring) == (True, "另带笔记本电脑")


def two_sweeps(world: World, audience: Audience, monkeypatch: pytest.MonkeyPatch, step: str) -> int:
    """Two workers follow the notices and meet before `step`; how many reminders the trainee has then."""
    noticed(world, approved(world, published(world)))
    set_clock(monkeypatch, moment(11, 7))
    meet(monkeypatch, notices, step)
    mine = Message.objects.filter(recipient=audience.trainee.user)
    before = mine.count()
    assert refused(at_once(follow_notices, follow_notices)) == []
    return mine.count() - before


@pytest.mark.clause("CQ20-3.4")
def test_two_workers_remind_a_reader_once(
    world: World, audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert two_sweeps(world, audience, monkeypatch, "_unread") == 1


def test_control_without_locking_the_receipts_a_reader_is_reminded_twice(
    world: World, audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows)
    assert two_sweeps(world, audience, monkeypatch, "_tell") == 2


def two_openings(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[list[object], list[int]]:
    """The results, and the classes that were told to the other apps as opened."""
    made, told = ready(world, published(world)), list[int]()
    set_clock(monkeypatch, moment(11, 9, 8))
    monkeypatch.setattr(hooks, "class_opened", [lambda _act, each: told.append(each.pk)])
    mine, theirs = fresh(made), fresh(made)
    results = at_once(
        lambda: open_class(world.base_admin, mine),
        lambda: open_class(world.actor(Role.BASE_ADMIN), theirs),
    )
    return results, told


@pytest.mark.clause("CQ20-5.1")
def test_a_class_is_opened_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    meet(monkeypatch, opening, "_moved")
    results, told = two_openings(world, monkeypatch)
    assert (refused(results), len(told)) == ([True], 1)
    assert AuditEntry.objects.filter(operation="programs.open_class", outcome="done").count() == 1


def test_control_without_the_condition_a_class_is_opened_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet(monkeypatch, opening, "_moved")
    monkeypatch.setattr(StateTable, "apply", unguarded)
    results, told = two_openings(world, monkeypatch)
    assert (refused(results), len(told)) == ([], 2)


def published_while_emptied(world: World, monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[object]:
    """One publishes a class, the other replaces its timetable by none: each has read it before the other writes."""
    made = make_class(world)
    mine, theirs = fresh(made), fresh(made)
    barrier, complaints, findings = (
        Barrier(2, timeout=20),
        classes.timetable_complaints,
        classes.publication_findings,
    )

    def waiting(step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any) -> Any:
            found = step(*args)
            wait(barrier, seconds)
            return found

        return run

    monkeypatch.setattr(classes, "timetable_complaints", waiting(complaints))
    monkeypatch.setattr(classes, "publication_findings", waiting(findings))
    return at_once(
        lambda: classes.publish_class(world.base_admin, mine),
        lambda: classes.set_timetable(world.base_admin, theirs, lessons=[]),
    )


@pytest.mark.clause("CQ20-3.1")
def test_no_class_is_published_without_its_timetable(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(published_while_emptied(world, monkeypatch, KEPT_AWAY)) == [True]
    is_published = TrainingClass.objects.get().state == "published"
    assert Lesson.objects.exists() == is_published


def test_control_without_locking_the_class_it_is_published_empty(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classes, "hold", lambda *_args: None)
    assert refused(published_while_emptied(world, monkeypatch, SURE)) == []
    assert (TrainingClass.objects.get().state, Lesson.objects.count()) == ("published", 0)
