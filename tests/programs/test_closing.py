"""Ending a programme: what stands in the way, what it ends, who may."""

import pytest
from django.urls import reverse

from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed, OutsidePhase, RuleBroken, WrongState
from portal.messages.models import Message
from portal.operations.models import AuditEntry
from portal.rulebook.findings import Verdict
from portal.rulebook.services.amending import Why
from portal.rulebook.services.deadlines import phases_to_close, phases_to_remind
from portal.rulebook.services.phases import edit_phase
from programs.models import ClassState, Program, ProgramState, TrainingClass
from programs.services import cancelling, classes
from programs.services.closing import close_program, closing_findings
from tests.programs.world import CLASS_VALUES, World, as_actor, make_class, moment, set_clock, without_visits

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_to_inspect(world: World) -> None:
    without_visits(world.program)


def program_of(world: World) -> Program:
    """Read anew, as a page would."""
    return Program.objects.select_related("office__parent", "rulebook").get(pk=world.program.pk)


@pytest.mark.clause("CQ20-1.1")
def test_a_programme_ends_only_after_its_classes(world: World) -> None:
    made = make_class(world, published=True)
    with pytest.raises(RuleBroken, match="还有1个班级没有结班或取消，请先办理：演示班") as refused:
        close_program(world.manager, program_of(world), reason="全部完成")
    assert {each.verdict for each in refused.value.findings} == {Verdict.BLOCK, Verdict.PASS, Verdict.WARN}
    assert Program.objects.get().state == ProgramState.PUBLISHED
    TrainingClass.objects.filter(pk=made.pk).update(state=ClassState.FINISHED)
    close_program(world.manager, program_of(world), reason="全部完成")
    assert Program.objects.get().state == ProgramState.CLOSED
    assert Message.objects.filter(title__endswith="已结束", recipient=world.base_admin.user).exists() is True
    assert AuditEntry.objects.get(operation="programs.close").reason == "全部完成"


def test_many_unfinished_classes_are_named_in_part(world: World) -> None:
    for _each in range(6):
        make_class(world)
    message = closing_findings(program_of(world), moment(10, 24))[0].message
    assert message.startswith("还有6个班级")
    assert message.endswith("等")
    assert message.count("演示班") == 5


def test_nothing_has_a_window_after_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    close_program(world.manager, program_of(world), reason="不再实施")
    with pytest.raises(OutsidePhase, match="已结束"):
        classes.create_class(world.base_admin, world.project("P1"), values=dict(CLASS_VALUES))
    phase = program_of(world).rulebook.phases.get(code="nomination")
    with pytest.raises(WrongState, match="已结束"):
        edit_phase(
            world.manager, phase, version=phase.version, values={"closes_at": moment(12, 1)}, why=Why("延长")
        )
    assert phase.closes_at
    assert phases_to_remind(phase.closes_at) == []
    set_clock(monkeypatch, moment(12, 1))
    assert phases_to_close(moment(12, 1)) == []


def test_windows_still_open_are_a_warning_only(world: World) -> None:
    found = closing_findings(program_of(world), moment(10, 24))
    assert [each.verdict for each in found] == [Verdict.PASS, Verdict.PASS, Verdict.WARN]
    assert "尚未截止" in found[2].message
    late = closing_findings(program_of(world), moment(12, 30, year=2030))
    assert [each.verdict for each in late] == [Verdict.PASS, Verdict.PASS]


def test_it_asks_why_and_only_the_manager_may(world: World) -> None:
    with pytest.raises(Invalid, match="请填写结束说明"):
        close_program(world.manager, program_of(world), reason="  ")
    with pytest.raises(NotAllowed):
        close_program(world.actor(Role.OFFICE_REVIEWER), program_of(world), reason="结束")


def test_the_page_shows_the_findings_asks_once_and_ends(world: World) -> None:
    client, page = as_actor(world.manager), reverse("programs:close", args=[world.program.pk])
    assert page in client.get(reverse("programs:program", args=[world.program.pk])).content.decode()
    made = make_class(world)
    shown = client.get(page).content.decode()
    assert "还有1个班级" in shown
    assert "也不能恢复" in shown
    answer = client.post(page, {"reason": "结束"})
    assert (answer.status_code, "还有1个班级" in answer.content.decode()) == (422, True)
    assert client.post(page, {"reason": ""}).status_code == 422
    cancelling.cancel_class(world.base_admin, made, reason="生源不足")
    assert client.post(page, {"reason": "结束"}).status_code == 302
    assert Program.objects.get().state == ProgramState.CLOSED
    assert as_actor(world.base_admin).get(page).status_code == 403


def test_the_api_ends_it_with_the_same_findings(world: World) -> None:
    client, url = as_actor(world.manager), f"/api/v1/programs/{world.program.pk}/close/"
    made = make_class(world)
    refused = client.post(url, {"reason": "结束"}, content_type="application/json")
    assert refused.status_code == 422
    assert refused.json()["findings"][0]["verdict"] == "block"
    cancelling.cancel_class(world.base_admin, made, reason="生源不足")
    done = client.post(url, {"reason": "结束"}, content_type="application/json")
    assert (done.status_code, done.json()["state"]) == (200, "closed")
