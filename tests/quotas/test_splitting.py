"""A bureau shares its seats among its schools, equals pass seats to each other, a base notifies its own."""

import pytest

from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed, OutsidePhase, RuleBroken
from portal.messages.models import Message
from portal.operations.actor import Actor
from portal.organizations.models import Organization
from quotas import ledger
from quotas.models import MovementKind, Quota, QuotaCell, QuotaMovement
from quotas.services import splitting, tables
from tests.factories import SchoolFactory
from tests.programs.world import World, moment, set_clock
from tests.quotas.support import assert_sound, balances, issue, make_act, quota_of, table_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def bureau(world: World) -> Organization:
    """A bureau with three schools and ten seats of P1."""
    made = world.bureau(schools=3)
    issue(world, {(made, world.project("P1")): 10})
    return made


@pytest.fixture
def quota(world: World, bureau: Organization) -> Quota:
    return quota_of(bureau, world.project("P1"))


@pytest.fixture
def clerk(world: World, bureau: Organization) -> Actor:
    return world.actor(Role.BUREAU_CLERK, bureau)


def shares(quota: Quota) -> list[int]:
    return [each.received for each in quota.children.order_by("organization__path")]


@pytest.mark.clause("CQ20-2.2")
def test_a_bureau_shares_its_seats_among_its_schools(
    quota: Quota, bureau: Organization, clerk: Actor
) -> None:
    first, second, third = bureau.children.order_by("path")
    splitting.split(clerk, quota, seats={first.pk: 4, second.pk: 3})
    assert (balances(quota), shares(quota)) == ((10, 7, 0), [4, 3])
    splitting.split(clerk, quota, seats={first.pk: 0, third.pk: 7})
    assert (balances(quota), shares(quota)) == ((10, 10, 0), [0, 3, 7])
    assert set(QuotaMovement.objects.filter(quota=quota).values_list("kind", flat=True)) == {
        MovementKind.ISSUE,
        MovementKind.ALLOCATE,
        MovementKind.RECLAIM,
    }
    assert_sound()


def test_those_whose_seats_change_are_told(world: World, quota: Quota, clerk: Actor) -> None:
    first, second, third = quota.organization.children.order_by("path")
    people = [world.actor(Role.SCHOOL_ADMIN, school) for school in (first, second, third)]
    splitting.split(clerk, quota, seats={first.pk: 4, second.pk: 0})
    splitting.transfer(clerk, quota_of(first, quota.project), target=third, seats=1, reason="对口")
    told = [Message.objects.filter(recipient=each.user, title__contains="P1").count() for each in people]
    assert told == [2, 0, 1]


@pytest.mark.clause("CQ20-2.2")
def test_no_more_is_shared_than_was_received(quota: Quota, bureau: Organization, clerk: Actor) -> None:
    first, second, _third = bureau.children.order_by("path")
    with pytest.raises(RuleBroken, match="名额不足：共10个"):
        splitting.split(clerk, quota, seats={first.pk: 6, second.pk: 5})
    assert (balances(quota), quota.children.count()) == ((10, 0, 0), 0)


@pytest.mark.clause("CQ20-2.2")
def test_schools_of_other_districts_and_colleges_get_nothing_from_a_bureau(
    world: World, quota: Quota, clerk: Actor
) -> None:
    closed = SchoolFactory(parent=quota.organization, active=False)
    for stranger in (SchoolFactory(parent=world.bureau()), world.college(), quota.organization, closed):
        with pytest.raises(Invalid, match="本区县在用的中职学校"):
            splitting.split(clerk, quota, seats={stranger.pk: 1})
    with pytest.raises(Invalid, match="不能为负"):
        splitting.split(clerk, quota, seats={quota.organization.children.first().pk: -1})


def test_a_school_whose_seats_came_from_elsewhere_is_not_reshared(
    world: World, quota: Quota, clerk: Actor
) -> None:
    moved = SchoolFactory(parent=quota.organization)
    elsewhere = world.bureau()
    issue(world, {(elsewhere, world.project("P2")): 1})
    Quota.objects.create(
        project=quota.project, organization=moved, parent=quota_of(elsewhere, world.project("P2"))
    )
    with pytest.raises(Invalid, match="来自其他单位"):
        splitting.split(clerk, quota, seats={moved.pk: 1})


def test_what_a_school_has_used_stays_with_it(quota: Quota, bureau: Organization, clerk: Actor) -> None:
    school = bureau.children.first()
    splitting.split(clerk, quota, seats={school.pk: 4})
    ledger.hold(make_act(), quota.children.get(), 3)
    with pytest.raises(RuleBroken, match=f"{school.label}.*已占用3个"):
        splitting.split(clerk, quota, seats={school.pk: 2})
    splitting.split(clerk, quota, seats={school.pk: 3})
    assert shares(quota) == [3]


@pytest.mark.clause("CQ20-2.2")
def test_only_the_bureau_itself_shares_and_only_until_the_deadline(
    world: World, quota: Quota, bureau: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    school = bureau.children.first()
    strangers = [
        world.manager,
        world.base_admin,
        world.actor(Role.SCHOOL_ADMIN, school),
        world.actor(Role.BUREAU_CLERK, world.bureau()),
    ]
    for stranger in strangers:
        with pytest.raises(NotAllowed):
            splitting.split(stranger, quota, seats={school.pk: 1})
    approver = world.actor(Role.BUREAU_APPROVER, bureau)
    splitting.split(approver, quota, seats={school.pk: 1})
    set_clock(monkeypatch, moment(11, 1))
    fresh = quota_of(bureau, quota.project)
    with pytest.raises(OutsidePhase):
        splitting.split(approver, fresh, seats={school.pk: 2})


@pytest.mark.clause("CQ20-2.3")
def test_a_college_sends_people_on_its_own_seats_without_sharing(world: World) -> None:
    college, p1 = world.college(), world.project("P1")
    issue(world, {(college, p1): 2})
    quota = quota_of(college, p1)
    assert (quota.parent, quota.free) == (None, 2)
    ledger.hold(make_act(), quota, 2)
    with pytest.raises(RuleBroken, match="剩余0个"):
        ledger.hold(make_act(), quota)
    admin = world.actor(Role.COLLEGE_ADMIN, college)
    with pytest.raises(NotAllowed):
        splitting.split(admin, quota, seats={})


def test_a_bureau_moves_seats_between_its_schools(quota: Quota, bureau: Organization, clerk: Actor) -> None:
    first, second, _third = bureau.children.order_by("path")
    splitting.split(clerk, quota, seats={first.pk: 4})
    child = quota_of(first, quota.project)
    taker = splitting.transfer(clerk, child, target=second, seats=3, reason="专业对口")
    assert (balances(child)[0], balances(taker)[0], balances(quota)[1]) == (1, 3, 4)
    assert taker.parent == quota
    with pytest.raises(RuleBroken, match="名额不足"):
        splitting.transfer(clerk, child, target=second, seats=2, reason="专业对口")
    assert_sound()


def test_a_transfer_has_a_number_and_a_reason(quota: Quota, bureau: Organization, clerk: Actor) -> None:
    first, second, _third = bureau.children.order_by("path")
    splitting.split(clerk, quota, seats={first.pk: 4})
    for seats, reason, words in ((0, "理由", "至少1个"), (1, " ", "填写理由")):
        with pytest.raises(Invalid, match=words):
            splitting.transfer(
                clerk, quota_of(first, quota.project), target=second, seats=seats, reason=reason
            )


def test_a_transfer_stays_on_its_level(world: World, quota: Quota, bureau: Organization) -> None:
    school = bureau.children.first()
    closed = world.bureau()
    closed.active = False
    closed.save()
    for target in (school, world.college(), closed):
        with pytest.raises(Invalid, match="同级"):
            splitting.transfer(world.manager, quota, target=target, seats=1, reason="调整")
    with pytest.raises(Invalid, match="不能相同"):
        splitting.transfer(world.manager, quota, target=bureau, seats=1, reason="调整")


def test_seats_are_not_moved_to_a_quota_of_another_tree(world: World, quota: Quota, clerk: Actor) -> None:
    first, second, _third = quota.organization.children.order_by("path")
    splitting.split(clerk, quota, seats={first.pk: 2})
    Quota.objects.create(project=quota.project, organization=second)
    with pytest.raises(Invalid, match="来自其他单位"):
        splitting.transfer(clerk, quota_of(first, quota.project), target=second, seats=1, reason="调整")


@pytest.mark.clause("CQ20-2.1")
def test_a_bureau_does_not_give_its_own_seats_to_another_district(
    world: World, quota: Quota, clerk: Actor
) -> None:
    with pytest.raises(NotAllowed):
        splitting.transfer(clerk, quota, target=world.bureau(), seats=1, reason="让给邻区")


@pytest.mark.clause("CQ20-2.1")
def test_issuing_again_does_not_undo_the_office_s_transfer(
    world: World, quota: Quota, bureau: Organization
) -> None:
    other = world.bureau()
    taker = splitting.transfer(world.manager, quota, target=other, seats=4, reason="适度调整")
    table = table_of(world)
    assert table.version == 4, "who has the table open is told that it changed"
    assert tables.pending_changes(table) == []
    tables.issue_table(world.manager, table, version=table.version)
    assert (balances(quota)[0], balances(taker)[0]) == (6, 4)
    cells = {each.organization_id: each.seats for each in QuotaCell.objects.all()}
    assert cells == {bureau.pk: 6, other.pk: 4}
    splitting.transfer(world.manager, quota, target=other, seats=6, reason="适度调整")
    assert {each.organization_id: each.seats for each in QuotaCell.objects.all()} == {other.pk: 10}
    assert_sound()
