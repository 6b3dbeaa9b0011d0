"""Drawing up annex 3-1 and 3-2, and issuing them."""

import pytest

from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed, RuleBroken
from portal.messages.models import Message
from portal.operations.models import AuditEntry
from portal.organizations.models import Organization
from programs.services import projects
from quotas import ledger
from quotas.models import Quota, QuotaMovement, QuotaTable, TableKind, TableState
from quotas.services import splitting, tables
from tests.factories import BureauFactory
from tests.programs.world import SYSTEM, World, make_draft, make_world, project_row
from tests.quotas.support import assert_sound, balances, issue, make_act, plan, quota_of, table_of

pytestmark = [pytest.mark.django_db, pytest.mark.own_worlds]


@pytest.fixture
def bureau(world: World) -> Organization:
    return world.bureau(schools=2)


@pytest.mark.clause("CQ20-2.1")
def test_issuing_gives_each_organisation_the_seats_of_its_cells_and_tells_it(
    world: World, bureau: Organization
) -> None:
    clerk = world.actor(Role.BUREAU_CLERK, bureau)
    other = world.actor(Role.BUREAU_CLERK, world.bureau())
    p1, p2 = world.project("P1"), world.project("P2")
    table = issue(world, {(bureau, p1): 4, (bureau, p2): 6})
    assert (quota_of(bureau, p1).received, quota_of(bureau, p2).received) == (4, 6)
    assert (table.state, table.issued_at is not None) == (TableState.ISSUED, True)
    told = Message.objects.filter(title__contains="名额已下达").values_list("recipient", flat=True)
    assert set(told) == {clerk.user_id}
    assert other.user_id not in told
    assert_sound()


@pytest.mark.clause("CQ20-2.1")
def test_both_tables_together_never_give_more_than_the_project_has(
    world: World, bureau: Organization
) -> None:
    p1, college = world.project("P1"), world.college()
    issue(world, {(bureau, p1): 7})
    with pytest.raises(RuleBroken, match="各表合计11个，超过项目人数10人"):
        issue(world, {(college, p1): 4})
    assert not Quota.objects.filter(organization=college).exists()
    issue(world, {(college, p1): 3})
    assert quota_of(college, p1).received == 3
    assert_sound()


@pytest.mark.clause("CQ20-2.1", "CQ20-A3")
def test_districts_stand_in_3_1_and_colleges_in_3_2(world: World, bureau: Organization) -> None:
    p1, college = world.project("P1"), world.college()
    for kind, stranger in ((TableKind.DISTRICTS, college), (TableKind.COLLEGES, bureau)):
        table = table_of(world, kind)
        with pytest.raises(Invalid, match="不属于本表的单位"):
            tables.edit_cells(world.manager, table, version=1, grid={(stranger.pk, p1.pk): 1})
    school = bureau.children.first()
    for stranger in (school, BureauFactory(), world.base):
        with pytest.raises(Invalid):
            tables.edit_cells(world.manager, table_of(world), version=1, grid={(stranger.pk, p1.pk): 1})


@pytest.mark.clause("CQ20-2.4")
def test_projects_whose_base_notifies_have_no_column() -> None:
    world = make_world(open_codes=("P2",))
    bureau, p2 = world.bureau(), world.project("P2")
    with pytest.raises(Invalid, match="由基地另行通知"):
        plan(world, {(bureau, p2): 1})


def test_a_negative_number_is_no_plan(world: World, bureau: Organization) -> None:
    with pytest.raises(Invalid, match="不能为负"):
        plan(world, {(bureau, world.project("P1")): -1})


def test_issuing_again_moves_only_the_differences(world: World, bureau: Organization) -> None:
    p1, p2, other = world.project("P1"), world.project("P2"), world.bureau()
    issue(world, {(bureau, p1): 4, (bureau, p2): 6, (other, p1): 2})
    before = QuotaMovement.objects.count()
    table = plan(world, {(bureau, p1): 3, (bureau, p2): 6, (other, p1): 0}, "调整")
    rows = [(row["organization"], row["now"], row["then"]) for row in tables.pending_changes(table)]
    assert sorted(rows, key=lambda row: row[1]) == [(other, 2, 0), (bureau, 4, 3)]
    tables.issue_table(world.manager, table, version=table.version)
    assert QuotaMovement.objects.count() == before + 2
    assert (quota_of(bureau, p1).received, quota_of(other, p1).received) == (3, 0)
    assert tables.pending_changes(table) == []
    assert_sound()


def test_seats_passed_on_cannot_be_taken_back_and_the_refusal_says_whose(
    world: World, bureau: Organization
) -> None:
    p1 = world.project("P1")
    issue(world, {(bureau, p1): 5})
    quota, school = quota_of(bureau, p1), bureau.children.first()
    splitting.split(world.actor(Role.BUREAU_CLERK, bureau), quota, seats={school.pk: 4})
    with pytest.raises(RuleBroken, match=f"{bureau.label}在项目P1的名额不足.*已分出4个"):
        issue(world, {(bureau, p1): 3})
    assert balances(quota) == (5, 4, 0)
    assert QuotaTable.objects.get().cells.get().seats == 3, "the plan stays, issuing it is what was refused"


def test_a_change_after_issue_needs_a_reason(world: World, bureau: Organization) -> None:
    p1 = world.project("P1")
    table = issue(world, {(bureau, p1): 5})
    with pytest.raises(Invalid, match="须填写理由"):
        plan(world, {(bureau, p1): 6}, "  ")
    plan(world, {(bureau, p1): 6}, "对接需求")
    entry = AuditEntry.objects.about(table).filter(operation="quotas.edit_cells").first()
    assert entry is not None
    assert entry.reason == "对接需求"
    assert entry.rows == [{"organization": bureau.pk, "project": p1.pk, "before": 5, "after": 6}]


def test_the_second_who_saves_is_told(world: World, bureau: Organization) -> None:
    grid = {(bureau.pk, world.project("P1").pk): 3}
    table = table_of(world)
    tables.edit_cells(world.manager, QuotaTable.objects.get(), version=1, grid=grid)
    with pytest.raises(Conflict, match="编辑名额分配表"):
        tables.edit_cells(world.manager, table, version=1, grid={})
    with pytest.raises(Conflict):
        tables.issue_table(world.manager, table, version=1)


def test_seats_of_an_unpublished_programme_are_not_issued(db: None) -> None:
    world = make_draft()
    projects.import_projects(SYSTEM, world.program, rows=[project_row(world, "P1")])
    bureau = world.bureau()
    with pytest.raises(RuleBroken, match="尚未发布"):
        issue(world, {(bureau, world.project("P1")): 1})


@pytest.mark.parametrize(
    "role",
    [Role.OFFICE_REVIEWER, Role.BUREAU_CLERK, Role.COLLEGE_ADMIN, Role.BASE_ADMIN, Role.PROVINCIAL_OFFICER],
)
def test_only_the_programme_manager_draws_tables_up(world: World, bureau: Organization, role: Role) -> None:
    where = {
        Role.BUREAU_CLERK: bureau,
        Role.PROVINCIAL_OFFICER: world.city,
        Role.COLLEGE_ADMIN: world.college(),
    }
    actor, table = world.actor(role, where.get(role)), table_of(world)
    for act in (
        lambda: tables.open_table(actor, world.program, kind=TableKind.COLLEGES),
        lambda: tables.edit_cells(actor, table, version=1, grid={}),
        lambda: tables.issue_table(actor, table, version=1),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_another_office_s_manager_has_no_say(world: World) -> None:
    from tests.factories import make_actor

    with pytest.raises(NotAllowed):
        tables.edit_cells(make_actor(Role.PROGRAM_MANAGER), table_of(world), version=1, grid={})


def test_held_seats_survive_a_lowered_plan(world: World, bureau: Organization) -> None:
    p1 = world.project("P1")
    issue(world, {(bureau, p1): 5})
    quota = quota_of(bureau, p1)
    ledger.hold(make_act(), quota, 5)
    with pytest.raises(RuleBroken, match="已占用5个"):
        issue(world, {(bureau, p1): 4})
    assert balances(quota) == (5, 0, 5)
