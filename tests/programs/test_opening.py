"""Opening and finishing a class: what keeps it from that, and the clause that says so."""

from collections.abc import Iterator

import pytest

from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed, OutsidePhase, RuleBroken, WrongState
from portal.messages.models import Message
from portal.operations.models import AuditEntry
from portal.reviews.models import Verdict
from portal.rulebook.findings import Finding
from portal.rulebook.findings import Verdict as Said
from programs import hooks
from programs.models import ClassState, TrainingClass
from programs.services.handing_in import hand_in
from programs.services.opening import (
    finish_class,
    finishing_findings,
    open_class,
    opening_findings,
    reopen_class,
)
from tests.programs.training import decided, fresh, noticed, planned, published, ready, submitted
from tests.programs.world import World, moment, set_clock

pytestmark = pytest.mark.django_db
FIRST_DAY, LAST_DAY = moment(11, 9, 8), moment(11, 18, 17)


@pytest.mark.clause("CQ20-5.1")
@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("none", "培训方案尚未报送"),
        ("draft", "培训方案尚未报送"),
        ("submitted", "培训方案正在审核"),
        ("returned", "培训方案被退回"),
        ("rejected", "培训方案审核不通过"),
    ],
)
def test_a_class_does_not_open_before_its_plan_is_approved(
    world: World, stage: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = published(world)
    if stage == "draft":
        planned(world, made)
    elif stage != "none":
        plan = submitted(world, made)
        if stage != "submitted":
            decided(world, plan, Verdict.RETURN if stage == "returned" else Verdict.REJECT, "理由")
    set_clock(monkeypatch, FIRST_DAY)
    with pytest.raises(RuleBroken, match=words) as refused:
        open_class(world.base_admin, fresh(made))
    assert refused.value.citation is not None
    assert refused.value.citation.clause == "CQ20-5.1"
    assert fresh(made).state == ClassState.PUBLISHED


@pytest.mark.clause("CQ20-5.1")
def test_a_class_opens_on_its_day_with_an_approved_plan(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager, made = world.manager, ready(world, published(world))
    noticed(world, made)
    set_clock(monkeypatch, moment(11, 8))
    with pytest.raises(WrongState, match="开班日期是2020-11-09"):
        open_class(world.base_admin, fresh(made))
    set_clock(monkeypatch, FIRST_DAY)
    assert open_class(world.base_admin, fresh(made)).state == ClassState.OPEN
    assert Message.objects.filter(recipient=manager.user, title__contains="已开班").exists()
    with pytest.raises(WrongState, match="已开班"):
        open_class(world.base_admin, fresh(made))


@pytest.mark.clause("CQ20-3.5")
def test_the_office_has_one_message_for_all_classes_that_open_until_it_reads_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [ready(world, published(world)), ready(world, published(world))]
    set_clock(monkeypatch, moment(11, 9))
    for made in both:
        open_class(world.base_admin, fresh(made))
    told = Message.objects.get(recipient=world.manager.user, digest="programs.class_open")
    assert (told.title, told.count) == ("2个班级：已开班", 2)
    assert told.url.endswith("?state=open")


def test_nothing_opens_after_the_window_of_training(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ready(world, published(world))
    set_clock(monkeypatch, moment(9, 1, 0, 0, year=2021))
    with pytest.raises(OutsidePhase, match="开展培训"):
        open_class(world.base_admin, made)


def test_a_missing_notice_is_said_and_does_not_stop(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ready(world, published(world))
    said = {each.rule: each.verdict for each in opening_findings(made)}
    assert said == {
        "programs.plan_approved": Said.PASS,
        "programs.notice_issued": Said.WARN,
        "finance.budget_before_opening": Said.PASS,
    }
    set_clock(monkeypatch, FIRST_DAY)
    open_class(world.base_admin, made)
    assert "开班通知" in str(AuditEntry.objects.filter(operation="programs.open_class").get().after)


@pytest.fixture
def guarded() -> Iterator[None]:
    def no(training_class: TrainingClass) -> list[Finding]:
        return [Finding("test.guard", Said.BLOCK, "预算尚未审核")]

    hooks.opening_guards(no)
    hooks.finishing_guards(no)
    yield
    hooks.opening_guards.remove(no)
    hooks.finishing_guards.remove(no)


@pytest.mark.usefixtures("guarded")
def test_other_apps_keep_a_class_from_opening_and_finishing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ready(world, published(world))
    set_clock(monkeypatch, FIRST_DAY)
    with pytest.raises(RuleBroken, match="预算尚未审核"):
        open_class(world.base_admin, made)
    TrainingClass.objects.update(state=ClassState.OPEN)
    set_clock(monkeypatch, LAST_DAY)
    with pytest.raises(RuleBroken, match="预算尚未审核"):
        finish_class(world.base_admin, fresh(made))


@pytest.mark.clause("CQ20-5.3")
def test_fewer_than_two_briefings_are_said_and_do_not_stop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = published(world)
    TrainingClass.objects.update(state=ClassState.OPEN)
    hand_in(world.base_admin, fresh(made), code="briefing", title="简报1", text="内容")
    (said,) = [each for each in finishing_findings(fresh(made)) if each.rule == "programs.deliverable_count"]
    assert (said.verdict, said.message) == (Said.WARN, "宣传简报已报送1份，要求至少2份")
    assert said.citation is not None
    assert said.citation.clause == "CQ20-5.3"
    hand_in(world.base_admin, fresh(made), code="briefing", title="简报2", text="内容")
    (said,) = [each for each in finishing_findings(fresh(made)) if each.rule == "programs.deliverable_count"]
    assert said.verdict == Said.PASS
    set_clock(monkeypatch, moment(11, 17))
    with pytest.raises(WrongState, match="结束日期是2020-11-18"):
        finish_class(world.base_admin, fresh(made))


def test_a_finished_class_is_reopened_by_the_office_with_a_reason(world: World) -> None:
    made = published(world)
    TrainingClass.objects.update(state=ClassState.FINISHED)
    with pytest.raises(NotAllowed):
        reopen_class(world.base_admin, fresh(made), reason="更正")
    with pytest.raises(Invalid, match="请填写理由"):
        reopen_class(world.manager, fresh(made), reason=" ")
    assert reopen_class(world.manager, fresh(made), reason="更正成绩").state == ClassState.OPEN


def test_strangers_open_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ready(world, published(world))
    set_clock(monkeypatch, FIRST_DAY)
    for actor in (world.manager, world.actor(Role.BUREAU_CLERK, world.bureau())):
        with pytest.raises(NotAllowed):
            open_class(actor, made)
