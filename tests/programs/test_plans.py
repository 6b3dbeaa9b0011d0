"""The survey of needs and the plan: what must come first, until when, and what the office makes of it."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.accounts.roles import Role
from portal.errors import Conflict, FileRefused, Invalid, NotAllowed, RuleBroken, WrongState
from portal.messages.models import Message
from portal.reviews.models import Review, Verdict
from programs.models import PlanState, SubmissionState, TrainingPlan
from programs.services.plans import record_needs, remove_plan_file, save_plan, submit_plan
from tests.factories import BaseFactory, make_actor
from tests.programs.training import (
    NEEDS,
    PLAN,
    approved,
    decided,
    fresh,
    owed,
    pdf,
    planned,
    published,
    submitted,
)
from tests.programs.world import World, make_class, moment, set_clock

pytestmark = pytest.mark.django_db


@pytest.mark.clause("CQ20-3.5")
def test_a_plan_is_not_sent_before_the_needs_were_surveyed(world: World) -> None:
    made = published(world)
    plan = save_plan(world.base_admin, made, values=dict(PLAN))
    with pytest.raises(RuleBroken, match="尚未登记训前需求调研") as refused:
        submit_plan(world.base_admin, fresh(made).plan)
    assert refused.value.citation is not None
    assert refused.value.citation.clause == "CQ20-3.5"
    record_needs(world.base_admin, made, values=dict(NEEDS))
    assert submit_plan(world.base_admin, fresh(made).plan).state == PlanState.SUBMITTED
    assert Review.objects.of_subject(plan).get().reviewer == world.office


@pytest.mark.clause("CQ20-5.1")
@pytest.mark.parametrize(("day", "late"), [(30, False), (31, True)])
def test_a_plan_is_on_time_until_the_tenth_day_before_the_start(
    world: World, day: int, late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = published(world)
    assert owed(made, "training_plan").due_on == date(2020, 10, 30)
    set_clock(monkeypatch, moment(10, day, 23, 59))
    assert submitted(world, made).late is late
    assert owed(made, "training_plan").late is late


@pytest.mark.clause("CQ20-5.1")
def test_a_late_plan_is_refused_where_the_rule_blocks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = published(world)
    world.program.rulebook.rules.filter(kind="programs.plan_lead_time").update(severity="block")
    set_clock(monkeypatch, moment(11, 1))
    with pytest.raises(RuleBroken, match="已逾期2天"):
        submitted(world, made)


def test_a_returned_plan_is_corrected_and_sent_again(world: World) -> None:
    made = published(world)
    plan = decided(world, submitted(world, made), Verdict.RETURN, "请补充考核办法")
    assert (plan.state, plan.opinion) == (PlanState.RETURNED, "请补充考核办法")
    assert owed(made, "training_plan").submissions.get().state == SubmissionState.RETURNED
    save_plan(world.base_admin, made, values={**PLAN, "appraisal": "过程考核"}, version=plan.version)
    again = submit_plan(world.base_admin, fresh(made).plan)
    assert (again.state, again.opinion, again.late) == (PlanState.SUBMITTED, "", False)
    decided(world, again, Verdict.APPROVE)
    done = owed(made, "training_plan")
    assert (done.state, done.accepted, done.submissions.count()) == ("accepted", 1, 1)


def test_a_rejected_plan_may_be_written_anew(world: World) -> None:
    made = published(world)
    plan = decided(world, submitted(world, made), Verdict.REJECT, "与申报书不符")
    assert plan.state == PlanState.REJECTED
    save_plan(world.base_admin, made, values=dict(PLAN), version=plan.version)
    assert submit_plan(world.base_admin, fresh(made).plan).state == PlanState.SUBMITTED


@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_a_plan_under_review_or_approved_does_not_change(world: World, state: str) -> None:
    made = published(world)
    (submitted if state == "submitted" else approved)(world, made)
    with pytest.raises(WrongState, match="不能修改"):
        save_plan(world.base_admin, fresh(made), values=dict(PLAN), version=1)
    with pytest.raises(WrongState):
        submit_plan(world.base_admin, fresh(made).plan)


def test_two_who_write_one_plan_are_told(world: World) -> None:
    made = published(world)
    plan = planned(world, made)
    save_plan(world.base_admin, made, values=dict(PLAN), version=plan.version)
    with pytest.raises(Conflict):
        save_plan(world.base_admin, made, values=dict(PLAN), version=plan.version)
    with pytest.raises(Conflict):
        submit_plan(world.base_admin, plan, version=plan.version)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"surveyed_on": date(2020, 10, 25)}, "不能晚于今天"), ({"respondents": 0}, "至少1人")],
)
def test_a_survey_that_cannot_have_been_is_refused(world: World, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        record_needs(world.base_admin, published(world), values={**NEEDS, **changes})


def test_a_survey_is_corrected_by_who_saw_it(world: World) -> None:
    made = published(world)
    first = record_needs(world.base_admin, made, values=dict(NEEDS))
    assert record_needs(world.base_admin, made, values=dict(NEEDS), version=first.version).version == 2
    with pytest.raises(Conflict):
        record_needs(world.base_admin, made, values=dict(NEEDS), version=first.version)


def test_a_class_that_is_not_published_has_no_plan(world: World) -> None:
    with pytest.raises(WrongState, match="尚未发布"):
        save_plan(world.base_admin, make_class(world), values=dict(PLAN))


def test_only_the_class_s_own_base_writes(world: World) -> None:
    made, stranger = published(world), make_actor(Role.BASE_ADMIN, BaseFactory(parent=world.city))
    for actor in (stranger, world.manager, world.actor(Role.BUREAU_CLERK, world.bureau())):
        with pytest.raises(NotAllowed):
            record_needs(actor, made, values=dict(NEEDS))
        with pytest.raises(NotAllowed):
            save_plan(actor, made, values=dict(PLAN))


def test_the_office_sees_a_plan_once_it_was_sent_and_strangers_never(world: World) -> None:
    made, stranger = published(world), make_actor(Role.BASE_ADMIN, BaseFactory(parent=world.city))
    planned(world, made)
    clerk = world.actor(Role.BUREAU_CLERK, world.bureau())
    everyone = (world.base_admin, world.manager, stranger, clerk)
    assert [TrainingPlan.objects.visible_to(each).count() for each in everyone] == [1, 0, 0, 0]
    submit_plan(world.base_admin, fresh(made).plan)
    assert [TrainingPlan.objects.visible_to(each).count() for each in everyone] == [1, 1, 0, 0]


def test_files_are_checked_before_they_are_kept(world: World) -> None:
    made = published(world)
    with pytest.raises(FileRefused, match="文件须为"):
        save_plan(world.base_admin, made, values=dict(PLAN), files=[SimpleUploadedFile("a.pdf", b"MZ\x90")])
    assert not TrainingPlan.objects.exists()
    plan = save_plan(world.base_admin, made, values=dict(PLAN), files=[pdf(), pdf("课程.pdf")])
    first, second = plan.files.all()
    assert (first.name, second.name, first.uploaded_by) == ("附件.pdf", "课程.pdf", world.base_admin.name)
    remove_plan_file(world.base_admin, first)
    assert [each.pk for each in plan.files.all()] == [second.pk]
    with pytest.raises(Invalid, match="最多10个"):
        save_plan(
            world.base_admin,
            made,
            values=dict(PLAN),
            files=[pdf() for _each in range(10)],
            version=plan.version,
        )


def test_the_office_and_the_base_are_told(world: World) -> None:
    reviewer, made = world.actor(Role.OFFICE_REVIEWER), published(world)
    plan = submitted(world, made)
    assert Message.objects.filter(recipient=reviewer.user, title__contains="培训方案审核").exists()
    decided(world, plan, Verdict.RETURN, "请补充")
    assert Message.objects.filter(recipient=world.base_admin.user, title__contains="退回").exists()
