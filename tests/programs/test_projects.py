"""Projects and their publication: the description table as data, complete before anyone sees it."""

import pytest

from portal.accounts.roles import Role
from portal.errors import Conflict, DomainError, Invalid, NotAllowed, RuleBroken, WrongState
from portal.messages.models import Message
from portal.operations.models import AuditEntry
from portal.people.codes import TitleLevel
from programs.models import Category, Program, ProgramState, Project
from programs.services import closing, programs, projects
from programs.tables.projects import audience_words
from tests.factories import SchoolFactory, make_actor
from tests.programs.world import World, project_row, without_visits
from tests.quotas.support import issue

pytestmark = [pytest.mark.django_db, pytest.mark.own_worlds]


def create(world: World, code: str = "P1", **changes: object) -> Project:
    values, audience = project_row(world, code, **changes)  # type: ignore[arg-type]
    return projects.create_project(world.manager, world.program, values=values, audience=audience)


@pytest.mark.clause("CQ20-1.1", "CQ20-A2")
def test_a_project_says_for_whom_how_many_how_long_what_and_where(draft: World) -> None:
    values, audience = project_row(draft, "P1")
    made = projects.create_project(
        draft.manager,
        draft.program,
        values=values,
        audience=audience | {"min_title_level": TitleLevel.INTERMEDIATE, "max_age": 50, "posts": ["校长"]},
    )
    stored = draft.project("P1")
    assert (stored.seats, stored.days, stored.hours, stored.base, stored.content) == (
        10,
        10,
        60,
        draft.base,
        "内容",
    )
    assert stored.initials == made.initials != ""
    words = dict(audience_words(stored))
    assert words["学段"] == "中职、高职"
    assert (words["教龄"], words["年龄"], words["职务"]) == ("满3年", "不超过50岁", "校长")
    assert words["职称"].endswith("及以上")
    assert audience_words(Project(program=draft.program)) == []


@pytest.mark.clause("CQ20-1.1")
@pytest.mark.parametrize(
    ("change", "words"),
    [({"seats": 0}, "人数至少为1"), ({"days": 0}, "天数至少为1"), ({"hours": 0}, "学时至少为1")],
)
def test_a_project_has_an_extent(draft: World, change: dict[str, int], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        create(draft, **change)
    values, audience = project_row(draft, "P1", **change)
    with pytest.raises(Invalid, match=words):
        projects.import_projects(draft.manager, draft.program, rows=[(values, audience)])


@pytest.mark.clause("CQ20-1.1")
def test_codes_bases_and_categories_are_checked(draft: World) -> None:
    create(draft)
    with pytest.raises(Invalid, match="P1已存在"):
        create(draft)
    with pytest.raises(Invalid, match="须为培训基地"):
        create(draft, "P2", base=SchoolFactory())
    other = Program(pk=10**6)
    with pytest.raises(Invalid, match="不属于本计划"):
        create(draft, "P2", category=Category(program=other, name="x"))


@pytest.mark.clause("CQ20-1.1")
def test_the_notice_s_66_projects_in_ten_categories_are_published_and_everyone_is_told(draft: World) -> None:
    clerk = draft.actor(Role.BUREAU_CLERK, draft.bureau())
    trainee = draft.actor(Role.TRAINEE, draft.bureau(schools=1).children.get())
    rows = [project_row(draft, f"P{index:02d}", index) for index in range(66)]
    projects.import_projects(draft.manager, draft.program, rows=rows[:65])
    assert programs.shortcomings(draft.program) == ["通知规定66个项目，现有65个"]
    projects.import_projects(draft.manager, draft.program, rows=rows)
    assert Program.objects.visible_to(clerk).count() == 0
    programs.publish_program(draft.manager, draft.program)
    assert Program.objects.visible_to(clerk).get().state == ProgramState.PUBLISHED
    told = set(Message.objects.filter(title__contains="已发布").values_list("recipient", flat=True))
    assert clerk.user_id in told
    assert trainee.user_id not in told
    assert Program.objects.get().rulebook.published_at is not None


@pytest.mark.clause("CQ20-1.1")
def test_an_incomplete_programme_says_everything_that_is_missing(draft: World) -> None:
    with pytest.raises(RuleBroken, match="还没有项目"):
        programs.publish_program(draft.manager, draft.program)
    create(draft, base=None)
    create(draft, "P2")
    draft.project("P2").audience.delete()
    with pytest.raises(RuleBroken) as refused:
        programs.publish_program(draft.manager, draft.program)
    for words in ("以下类别没有项目", "以下项目没有承担单位：P1", "以下项目没有培训对象：P2", "规定66个"):
        assert words in str(refused.value.message)
    assert Program.objects.get().state == ProgramState.DRAFT


def test_after_publication_projects_are_changed_with_a_reason_and_never_added(world: World) -> None:
    p1 = world.project("P1")
    values, audience = project_row(world, "P1", name="新名称")
    arguments = {"version": p1.version, "values": values, "audience": audience}
    with pytest.raises(Invalid, match="须填写理由"):
        projects.update_project(world.manager, p1, **arguments)
    with pytest.raises(Invalid, match="编号不能更改"):
        projects.update_project(
            world.manager, p1, reason="更正", **{**arguments, "values": values | {"code": "P9"}}
        )
    projects.update_project(world.manager, p1, reason="更正", **arguments)
    assert world.project("P1").name == "新名称"
    assert AuditEntry.objects.about(p1).get(operation="programs.update_project").reason == "更正"
    with pytest.raises(Conflict, match="修改项目"):
        projects.update_project(world.manager, world.project("P1"), reason="更正", **arguments)
    for act in (
        lambda: create(world, "P3"),
        lambda: projects.delete_project(world.manager, p1),
        lambda: projects.import_projects(world.manager, world.program, rows=[]),
    ):
        with pytest.raises(RuleBroken, match="计划已发布"):
            act()


@pytest.mark.clause("CQ20-2.1")
@pytest.mark.parametrize("change", [{"seats": 4}, {"open_quota": True}], ids=["fewer seats", "open quota"])
def test_what_was_issued_binds_the_project(world: World, change: dict[str, object]) -> None:
    """Fewer seats than were issued, or leaving seats that are issued to the base, would break 总量控制."""
    p1 = world.project("P1")
    issue(world, {(world.bureau(), p1): 5})
    values, audience = project_row(world, "P1", **change)
    with pytest.raises(RuleBroken, match="已下达5个名额"):
        projects.update_project(
            world.manager, p1, version=p1.version, values=values, audience=audience, reason="调整"
        )
    fine = values | {"seats": 5, "open_quota": False}
    projects.update_project(
        world.manager, p1, version=p1.version, values=fine, audience=audience, reason="调整"
    )
    assert world.project("P1").seats == 5


def test_a_draft_s_project_can_be_deleted_and_imported_again(draft: World) -> None:
    made = create(draft)
    projects.delete_project(draft.manager, made)
    assert not Project.objects.exists()
    rows = [project_row(draft, "P1"), project_row(draft, "P2", 1)]
    projects.import_projects(draft.manager, draft.program, rows=rows)
    rows[0][0]["name"], rows[0][1]["min_years"] = "改名", 8
    projects.import_projects(draft.manager, draft.program, rows=rows)
    assert Project.objects.count() == 2
    assert (draft.project("P1").name, draft.project("P1").audience.min_years) == ("改名", 8)


def test_states_lead_where_the_table_says(world: World) -> None:
    with pytest.raises((WrongState, Conflict, RuleBroken)):
        programs.publish_program(world.manager, world.program)
    without_visits(world.program)
    closing.close_program(world.manager, Program.objects.get(), reason="全部结束")
    assert Program.objects.get().state == ProgramState.CLOSED
    with pytest.raises(DomainError):
        closing.close_program(world.manager, Program.objects.get(), reason="再次")


@pytest.mark.parametrize(
    "role", [Role.OFFICE_REVIEWER, Role.BASE_ADMIN, Role.BUREAU_CLERK, Role.PROVINCIAL_OFFICER]
)
def test_only_the_programme_manager_writes(draft: World, role: Role) -> None:
    where = {Role.BUREAU_CLERK: draft.bureau(), Role.PROVINCIAL_OFFICER: draft.city}.get(role)
    actor, (values, audience) = draft.actor(role, where), project_row(draft, "P1")
    made = create(draft, "P2")
    for act in (
        lambda: projects.create_project(actor, draft.program, values=values, audience=audience),
        lambda: projects.update_project(actor, made, version=1, values={}, audience={}),
        lambda: projects.delete_project(actor, made),
        lambda: projects.import_projects(actor, draft.program, rows=[]),
        lambda: programs.publish_program(actor, draft.program),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_another_office_has_no_say(draft: World) -> None:
    with pytest.raises(NotAllowed):
        programs.publish_program(make_actor(Role.PROGRAM_MANAGER), draft.program)
