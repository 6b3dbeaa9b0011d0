"""Changing a rulebook: freely while it is a draft, dated and reasoned once it is published."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal import clock
from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed, WrongState
from portal.messages.models import Message
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.reviews.models import ReviewChain
from portal.rulebook.models import Amendment, Phase, Rule, Rulebook
from portal.rulebook.services.amending import Why
from portal.rulebook.services.chains import Step, edit_chain
from portal.rulebook.services.phases import add_phase, drop_phase, edit_phase
from portal.rulebook.services.publishing import publish_rulebook
from portal.rulebook.services.rules import add_rule, drop_rule, edit_rule
from tests.factories import BureauFactory, ProjectOfficeFactory, make_actor

pytestmark = pytest.mark.django_db

LATER = datetime(2099, 1, 1, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def phase(rulebook: Rulebook) -> Phase:
    return rulebook.phases.get()


@pytest.fixture
def rule(rulebook: Rulebook) -> Rule:
    return rulebook.rules.get()


@pytest.fixture
def published(rulebook: Rulebook) -> Rulebook:
    publish_rulebook(Act(Actor.system("test"), clock.now()), rulebook)
    return Rulebook.objects.get()


@pytest.fixture
def chain(rulebook: Rulebook) -> ReviewChain:
    chain = ReviewChain.objects.create(rulebook=rulebook, subject_kind="test.thing", name="试验审核")
    chain.steps.create(position=1, name="区县审批", role=Role.BUREAU_APPROVER, where="bureau")
    return chain


def test_a_draft_is_edited_without_a_reason(phase: Phase, manager: Actor) -> None:
    edit_phase(manager, phase, version=1, values={"closes_at": LATER, "name": "报送"})
    stored = Phase.objects.get()
    assert (stored.closes_at, stored.name, stored.version) == (LATER, "报送", 2)
    assert not Amendment.objects.exists()
    entry = AuditEntry.objects.about(phase).get()
    assert entry.before["name"] == "报送人选"
    assert set(entry.after) == {"closes_at", "name"}


def test_saving_what_is_there_changes_nothing(phase: Phase, manager: Actor) -> None:
    edit_phase(manager, phase, version=1, values={"name": phase.name, "closes_at": phase.closes_at})
    assert Phase.objects.get().version == 1


def test_the_second_of_two_is_told_who_changed_it(phase: Phase, manager: Actor) -> None:
    edit_phase(manager, Phase.objects.get(), version=1, values={"name": "甲"})
    with pytest.raises(Conflict, match=f"{manager.name}.*修改进程"):
        edit_phase(manager, phase, version=1, values={"name": "乙"})
    assert Phase.objects.get().name == "甲"


def test_a_window_cannot_end_before_it_begins(phase: Phase, manager: Actor) -> None:
    with pytest.raises(Invalid) as caught:
        edit_phase(manager, phase, version=1, values={"opens_at": LATER})
    assert caught.value.field == "closes_at"


def test_only_known_fields_can_be_set(phase: Phase, manager: Actor) -> None:
    with pytest.raises(KeyError):
        edit_phase(manager, phase, version=1, values={"code": "x"})


def test_a_published_deadline_is_extended_by_an_amendment(published: Rulebook, manager: Actor) -> None:
    clerk = make_actor(Role.BUREAU_CLERK, BureauFactory(parent=published.office.parent))
    trainee, stranger = make_actor(Role.TRAINEE), make_actor(Role.BUREAU_CLERK)
    decided = clock.now() - timedelta(days=1)
    phase = published.phases.get()
    edit_phase(manager, phase, version=1, values={"closes_at": LATER}, why=Why("因天气原因延期", decided))
    made = Amendment.objects.get()
    assert (made.target, made.reason, made.effective_at) == ("phase:nomination", "因天气原因延期", decided)
    assert made.before == {"closes_at": "2020-10-31 23:59"}
    assert made.after == {"closes_at": "2099-01-01 00:00"}
    assert made.made_by == manager.name
    assert made.model == "rulebook.phase"
    assert AuditEntry.objects.about(phase).get().reason == "因天气原因延期"
    told = set(Message.objects.values_list("recipient", flat=True))
    assert told == {clerk.user_id, manager.user_id}
    assert not told & {trainee.user_id, stranger.user_id}


def test_without_a_day_an_amendment_dates_from_now(published: Rulebook, manager: Actor) -> None:
    edit_phase(manager, published.phases.get(), version=1, values={"name": "报送"}, why=Why("更名"))
    made = Amendment.objects.get()
    assert made.effective_at == made.made_at


@pytest.mark.parametrize(("why", "field"), [(Why("  "), "reason"), (Why("延期", LATER), "effective_at")])
def test_an_amendment_needs_a_reason_and_cannot_be_dated_ahead(
    published: Rulebook, manager: Actor, why: Why, field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        edit_phase(manager, published.phases.get(), version=1, values={"name": "报送"}, why=why)
    assert caught.value.field == field
    assert Phase.objects.get().name == "报送人选"
    assert not Amendment.objects.exists()


def test_an_extended_window_will_be_closed_anew(published: Rulebook, manager: Actor) -> None:
    Phase.objects.update(closed_by_worker_at=clock.now())
    edit_phase(manager, published.phases.get(), version=1, values={"closes_at": LATER}, why=Why("延期"))
    assert Phase.objects.get().closed_by_worker_at is None


def test_renaming_a_closed_window_leaves_it_closed(published: Rulebook, manager: Actor) -> None:
    Phase.objects.update(closed_by_worker_at=clock.now())
    edit_phase(manager, published.phases.get(), version=1, values={"name": "报送"}, why=Why("更名"))
    assert Phase.objects.get().closed_by_worker_at is not None


def test_a_rule_takes_typed_parameters(rule: Rule, manager: Actor) -> None:
    values = {"parameters": {"limit": 9, "posts": []}, "severity": "block", "active": False}
    edit_rule(manager, rule, version=1, values=values)
    stored = Rule.objects.get()
    assert (stored.parameters, stored.severity, stored.active) == ({"limit": 9, "posts": []}, "block", False)


@pytest.mark.parametrize("values", [{"parameters": {"limti": 9}}, {"severity": "maybe"}])
def test_a_rule_refuses_what_does_not_fit(rule: Rule, manager: Actor, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        edit_rule(manager, rule, version=1, values=values)
    assert Rule.objects.get().version == 1


def test_an_unchanged_rule_stays(rule: Rule, manager: Actor) -> None:
    edit_rule(manager, rule, version=1, values={"active": True})
    assert Rule.objects.get().version == 1


def test_a_published_rule_is_amended(published: Rulebook, manager: Actor) -> None:
    edit_rule(manager, published.rules.get(), version=1, values={"active": False}, why=Why("上级通知取消"))
    made = Amendment.objects.get()
    assert made.target == "rule:test.most"
    assert made.subject == "规则“人数不超过上限”"


def test_a_draft_grows_and_shrinks(rulebook: Rulebook, manager: Actor) -> None:
    added = add_phase(manager, rulebook, code="training", name="培训", opens_at=clock.now())
    assert added.position == 2
    rule = add_rule(manager, rulebook, kind="test.most", parameters={"limit": 1})
    drop_phase(manager, added)
    drop_rule(manager, rule)
    assert rulebook.phases.count() == rulebook.rules.count() == 1


def test_the_same_phase_or_rule_is_not_added_twice(rulebook: Rulebook, manager: Actor, rule: Rule) -> None:
    with pytest.raises(Invalid, match="已有代号"):
        add_phase(manager, rulebook, code="nomination", name="又一次")
    with pytest.raises(Invalid, match="已有依据相同"):
        add_rule(manager, rulebook, kind="test.most", parameters={"limit": 1}, clause=rule.clause)


def test_a_published_rulebook_neither_grows_nor_shrinks(published: Rulebook, manager: Actor) -> None:
    with pytest.raises(WrongState):
        add_phase(manager, published, code="training", name="培训")
    with pytest.raises(WrongState):
        add_rule(manager, published, kind="test.most", parameters={"limit": 1})
    with pytest.raises(WrongState):
        drop_phase(manager, published.phases.get())
    with pytest.raises(WrongState):
        drop_rule(manager, published.rules.get())


@pytest.mark.parametrize("role", [Role.OFFICE_REVIEWER, Role.PROVINCIAL_OFFICER, Role.BUREAU_APPROVER])
def test_only_managers_change_rules(rulebook: Rulebook, phase: Phase, role: Role) -> None:
    with pytest.raises(NotAllowed):
        edit_phase(make_actor(role), phase, version=1, values={"name": "甲"})


def test_another_office_cannot_change_ours(phase: Phase) -> None:
    with pytest.raises(NotAllowed):
        edit_phase(
            make_actor(Role.PROGRAM_MANAGER, ProjectOfficeFactory()), phase, version=1, values={"name": "甲"}
        )


def test_a_rulebook_without_an_office_is_open_to_managers(phase: Phase) -> None:
    Rulebook.objects.update(office=None)
    edit_phase(make_actor(Role.PROGRAM_MANAGER), Phase.objects.get(), version=1, values={"name": "甲"})
    assert Phase.objects.get().name == "甲"


def test_publishing_happens_once_and_needs_a_calendar(rulebook: Rulebook) -> None:
    act = Act(Actor.system("test"), clock.now())
    publish_rulebook(act, rulebook)
    with pytest.raises(WrongState):
        publish_rulebook(act, rulebook)
    Rulebook.objects.update(published_at=None)
    Phase.objects.all().delete()
    with pytest.raises(Invalid):
        publish_rulebook(act, rulebook)


def test_a_chain_gets_and_loses_steps(chain: ReviewChain, manager: Actor) -> None:
    first = chain.steps.get()
    steps = [
        Step("审批", Role.BUREAU_APPROVER, "bureau", 2),
        Step("审核", Role.OFFICE_REVIEWER, "project_office"),
    ]
    edit_chain(manager, chain, version=chain.rulebook.version, steps=steps)
    assert [(each.pk == first.pk, each.name) for each in chain.steps.all()] == [
        (True, "审批"),
        (False, "审核"),
    ]
    edit_chain(manager, chain, version=chain.rulebook.version, steps=steps[:1])
    assert [each.name for each in chain.steps.all()] == ["审批"]


def test_the_same_steps_change_nothing(chain: ReviewChain, manager: Actor) -> None:
    before = chain.rulebook.version
    edit_chain(manager, chain, version=before, steps=[Step("区县审批", Role.BUREAU_APPROVER, "bureau")])
    assert Rulebook.objects.get().version == before


def test_an_empty_chain_is_given_its_first_step(chain: ReviewChain, manager: Actor) -> None:
    chain.steps.all().delete()
    edit_chain(
        manager,
        chain,
        version=chain.rulebook.version,
        steps=[Step("审核", Role.OFFICE_REVIEWER, "project_office")],
    )
    assert chain.steps.get().position == 1


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([], "至少要有一步"),
        ([Step("审批", "king", "bureau")], "角色或机构类别无效"),
        ([Step("审批", Role.OFFICE_REVIEWER, "bureau")], "不设在"),
    ],
)
def test_a_step_that_nobody_could_take_is_refused(
    chain: ReviewChain, manager: Actor, steps: list[Step], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        edit_chain(manager, chain, version=chain.rulebook.version, steps=steps)


def test_a_step_under_review_cannot_go(chain: ReviewChain, manager: Actor) -> None:
    step = chain.steps.create(position=2, name="审核", role=Role.OFFICE_REVIEWER, where="project_office")
    from django.contrib.contenttypes.models import ContentType

    chain.reviews.create(
        subject_type=ContentType.objects.get_for_model(Rulebook),
        subject_id=1,
        title="某事项",
        origin=chain.rulebook.office,
        step=step,
        reviewer=chain.rulebook.office,
        opened_at=clock.now(),
    )
    with pytest.raises(WrongState, match="还有审核事项"):
        edit_chain(
            manager,
            chain,
            version=chain.rulebook.version,
            steps=[Step("区县审批", Role.BUREAU_APPROVER, "bureau")],
        )
    assert chain.steps.count() == 2


def test_a_published_chain_is_amended(published: Rulebook, manager: Actor, chain: ReviewChain) -> None:
    chain = ReviewChain.objects.get()
    steps = [Step("区县审批", Role.BUREAU_APPROVER, "bureau", 5)]
    edit_chain(manager, chain, version=chain.rulebook.version, steps=steps, why=Why("缩短时限"))
    made = Amendment.objects.get()
    assert made.after == {"1": "区县审批｜区县审批人｜区县教育行政部门｜5"}
    assert made.model == ""
