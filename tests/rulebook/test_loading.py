"""Loading a notice: idempotent, atomic, and never over a published programme."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed, WrongState
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.rulebook import hooks, sections
from portal.rulebook.models import Clause, Notice, Phase, Rule, Rulebook
from portal.rulebook.services.loading import load_notice
from tests.factories import ProjectOfficeFactory, make_actor
from tests.rulebook.conftest import NOTICE

pytestmark = pytest.mark.django_db


def rewrite(notices: Path, *changes: tuple[str, str]) -> None:
    text = NOTICE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (notices / "TEST20.toml").write_text(text, encoding="utf-8")


def test_a_notice_becomes_a_draft_with_everything_it_says(rulebook: Rulebook, manager: Actor) -> None:
    assert rulebook.notice.number == "试教〔2020〕1号"
    assert rulebook.title == "2020年试验计划"
    assert rulebook.facts == {"copies": 3}
    assert rulebook.office == manager.organization
    assert not rulebook.is_published
    phase, rule = rulebook.phases.get(), rulebook.rules.get()
    assert phase.citation is not None
    assert phase.citation.quote == "请于10月31日前报送。"
    assert (rule.kind, rule.parameters, rule.severity) == (
        "test.most",
        {"limit": 3, "posts": ["校长"]},
        "warn",
    )


def test_without_a_programme_table_the_notice_gives_the_title(notices: Path, manager: Actor) -> None:
    rewrite(notices, ("[program]", ""), ('title = "2020年试验计划"', ""))
    assert load_notice(manager, None, code="TEST20").rulebook.title == "关于试验的通知"


def test_the_second_time_nothing_changes_and_says_so(rulebook: Rulebook, manager: Actor) -> None:
    rulebook.phases.update(name="屏幕上改过的名称")
    again = load_notice(manager, None, code="TEST20")
    assert not again.changed
    assert again.rulebook == rulebook
    assert "未作任何改动" in again.message
    assert Rulebook.objects.count() == Notice.objects.count() == Phase.objects.count() == 1
    assert Phase.objects.get().name == "屏幕上改过的名称"


def test_a_changed_file_renews_the_draft(rulebook: Rulebook, manager: Actor, notices: Path) -> None:
    phase = rulebook.phases.get()
    extra = '[[phase]]\ncode = "training"\nname = "开展培训"\n\n[[rule]]'
    rewrite(
        notices, ("due = 2020-10-31", "due = 2020-11-05"), ("[[rule]]", extra), ("limit = 3", "limit = 5")
    )
    loaded = load_notice(manager, None, code="TEST20")
    assert (loaded.phases.created, loaded.phases.updated, loaded.rules.updated) == (1, 1, 1)
    assert "进程新增1、更新1、删除0" in loaded.message
    renewed = rulebook.phases.get(code="nomination")
    assert renewed.pk == phase.pk
    assert timezone.localdate(renewed.closes_at).isoformat() == "2020-11-05"
    assert Rule.objects.get().parameters["limit"] == 5
    assert Rulebook.objects.get().version == rulebook.version + 1


def test_what_the_file_no_longer_has_goes(rulebook: Rulebook, manager: Actor, notices: Path) -> None:
    start, end = NOTICE.index("[[phase]]"), NOTICE.index("[[rule]]")
    rewrite(notices, (NOTICE[start:end], ""))
    loaded = load_notice(manager, None, code="TEST20")
    assert loaded.phases.deleted == 1
    assert not Phase.objects.exists()


def test_a_clause_that_others_still_cite_cannot_go(rulebook: Rulebook, manager: Actor, notices: Path) -> None:
    other = Rulebook.objects.create(
        notice=rulebook.notice, title="另一项目办的计划", office=ProjectOfficeFactory()
    )
    Phase.objects.create(rulebook=other, code="x", name="仍引用的进程", clause=Clause.objects.get())
    rewrite(notices, ('"TEST20-1"', '"TEST20-2"'))
    with pytest.raises(Invalid, match="仍引用的进程"):
        load_notice(manager, None, code="TEST20")
    assert Clause.objects.get().code == "TEST20-1"


def test_a_published_programme_is_not_overwritten(rulebook: Rulebook, manager: Actor, notices: Path) -> None:
    Rulebook.objects.update(published_at=timezone.now())
    assert not load_notice(manager, None, code="TEST20").changed
    rewrite(notices, ("limit = 3", "limit = 5"))
    with pytest.raises(WrongState, match="逐项变更"):
        load_notice(manager, None, code="TEST20")
    assert Rule.objects.get().parameters["limit"] == 3


def test_a_section_that_refuses_leaves_nothing_behind(notices: Path, manager: Actor) -> None:
    def refuse(rulebook: Rulebook, data: Any) -> None:
        raise Invalid("第1个 [[grade]] 缺少“name”")

    sections.section("grades", "等级", load=refuse, preview=lambda data: [])
    rewrite(notices, ("[[rule]]", "[[grade]]\n\n[[rule]]"))
    with pytest.raises(Invalid, match="grade"):
        load_notice(manager, None, code="TEST20")
    assert not Notice.objects.exists()


def test_apps_are_called_before_their_sections(notices: Path, manager: Actor) -> None:
    calls: list[Any] = []
    hooks.rulebook_loaded(
        lambda act, rulebook, program: calls.append(("program", act.actor, program["title"]))
    )
    sections.section(
        "grades", "等级", load=lambda rulebook, data: calls.append(data), preview=lambda data: []
    )
    rewrite(notices, ("[[rule]]", '[[grade]]\nname = "优"\n\n[[rule]]'))
    load_notice(manager, None, code="TEST20")
    assert calls == [("program", manager, "2020年试验计划"), [{"name": "优"}]]


def test_a_command_loads_for_the_only_office(notices: Path, manager: Actor) -> None:
    loaded = load_notice(Actor.system("load_notice"), None, code="TEST20")
    assert loaded.rulebook.office == manager.organization


def test_a_command_must_name_one_of_several_offices(notices: Path, manager: Actor) -> None:
    other = ProjectOfficeFactory()
    with pytest.raises(Invalid, match="--office"):
        load_notice(Actor.system("load_notice"), None, code="TEST20")
    assert (
        load_notice(Actor.system("load_notice"), None, code="TEST20", office=other).rulebook.office == other
    )


def test_a_manager_loads_for_the_own_office_whatever_is_asked(notices: Path, manager: Actor) -> None:
    loaded = load_notice(manager, None, code="TEST20", office=ProjectOfficeFactory())
    assert loaded.rulebook.office == manager.organization


def test_two_offices_may_run_one_notice_apart(rulebook: Rulebook, notices: Path) -> None:
    other = make_actor(Role.PROGRAM_MANAGER, ProjectOfficeFactory())
    assert load_notice(other, None, code="TEST20").rulebook != rulebook
    assert Clause.objects.count() == 1


def test_loading_is_audited_with_its_subject(rulebook: Rulebook) -> None:
    entry = AuditEntry.objects.about(rulebook).get()
    assert entry.operation == "rulebook.load_notice"
    assert entry.after["changed"] is True


@pytest.mark.parametrize("role", [Role.OFFICE_REVIEWER, Role.BUREAU_CLERK, Role.SYSTEM_ADMIN])
def test_nobody_else_may_load(notices: Path, role: Role) -> None:
    with pytest.raises(NotAllowed):
        load_notice(make_actor(role), None, code="TEST20")
    assert not Notice.objects.exists()
