"""Money and results before a programme ends; reminders of budgets and final accounts to who keeps the money."""

from __future__ import annotations

import pytest

from finance.models import FinalAccount, FinalAccountState, FundAccount
from finance.services.funds import SETTLED, closing_guard
from portal.accounts.roles import Role
from portal.messages.models import Message
from portal.operations.actor import Actor
from portal.rulebook.findings import Verdict
from programs.models import ClassState, Deliverable, Program, TrainingClass
from programs.services.closing import ACCEPTED, closing_findings
from programs.services.sweeping import mark_overdue, remind_owed
from tests.factories import make_actor
from tests.programs.world import World, make_class, make_world, moment, set_clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    set_clock(monkeypatch, moment(10, 24))
    return make_world()


def finished(world: World) -> TrainingClass:
    made = make_class(world, published=True)
    TrainingClass.objects.filter(pk=made.pk).update(state=ClassState.FINISHED)
    return made


def said(world: World, rule: str) -> tuple[str, str, str]:
    """Verdict, words and clause of one rule before the programme ends."""
    program = Program.objects.select_related("rulebook").get(pk=world.program.pk)
    found = next(each for each in closing_findings(program, moment(10, 24)) if each.rule == rule)
    return found.verdict.value, found.message, found.citation.clause if found.citation else ""


@pytest.mark.clause("CQ20-5.5")
def test_a_programme_ends_only_after_the_final_accounts(world: World) -> None:
    made = finished(world)
    assert said(world, SETTLED)[0] == "pass", "a class without money owes no account"
    FundAccount.objects.create(training_class=made, received=1000)
    verdict, words, clause = said(world, SETTLED)
    assert (verdict, clause) == ("block", "CQ20-5.5")
    assert "还有1个班级的经费决算没有批复：演示班" in words
    final = FinalAccount.objects.create(training_class=made, state=FinalAccountState.SUBMITTED)
    assert said(world, SETTLED)[0] == "block"
    FinalAccount.objects.filter(pk=final.pk).update(state=FinalAccountState.SETTLED)
    assert said(world, SETTLED)[0] == "pass"


@pytest.mark.clause("CQ20-5.4")
def test_what_was_never_accepted_is_said_and_does_not_block(world: World) -> None:
    made = finished(world)
    verdict, words, clause = said(world, ACCEPTED)
    assert (verdict, clause) == ("warn", "CQ20-5.4")
    assert "演示班（" in words
    assert words.endswith("等")
    for each in Deliverable.objects.filter(training_class=made).select_related("requirement"):
        most = each.requirement.minimum
        Deliverable.objects.filter(pk=each.pk).update(handed_in=most, accepted=most)
    assert said(world, ACCEPTED)[0] == "pass"


def test_a_notice_that_does_not_ask_is_not_asked(world: World) -> None:
    finished(world)
    program = Program.objects.select_related("rulebook").get(pk=world.program.pk)
    program.rulebook.rules.filter(kind__in=[SETTLED, ACCEPTED]).delete()
    assert closing_guard(program) == []
    assert all(each.rule != ACCEPTED for each in closing_findings(program, moment(10, 24)))
    assert all(each.verdict in Verdict for each in closing_findings(program, moment(10, 24)))


@pytest.mark.clause("CQ20-5.5")
def test_who_keeps_the_base_s_money_is_reminded_of_it_and_of_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = make_actor(Role.FINANCE_OFFICER, world.base)
    make_class(world, published=True)
    budget = Deliverable.objects.get(requirement__code="budget")
    system = Actor.system("worker")
    set_clock(monkeypatch, moment(budget.due_on.month, budget.due_on.day, 9))
    remind_owed(system, None)
    mine = Message.objects.filter(recipient=keeper.user)
    assert [(each.title, each.url) for each in mine] == [("1项应交材料即将到期", "/finance/classes/")]
    assert "经费预算表" in mine.get().body
    set_clock(monkeypatch, moment(budget.due_on.month, budget.due_on.day + 1, 9))
    mark_overdue(system, None)
    assert mine.filter(title__contains="已逾期", urgent=True).count() == 1
