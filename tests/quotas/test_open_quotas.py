"""Seats of projects that no quota table fixes: their base notifies bureaus and colleges. CQ20-2.4."""

import pytest

from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed, RuleBroken
from quotas.models import QuotaCell
from quotas.services import splitting
from tests.factories import SchoolFactory
from tests.programs.world import World, make_world
from tests.quotas.support import assert_sound, quota_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_world(db: None) -> World:
    return make_world(open_codes=("P2",))


@pytest.mark.clause("CQ20-2.4")
def test_the_base_of_an_open_project_notifies_bureaus_and_colleges(open_world: World) -> None:
    bureau, college, p2 = open_world.bureau(), open_world.college(), open_world.project("P2")
    splitting.issue_open(open_world.base_admin, p2, seats={bureau.pk: 6, college.pk: 4})
    assert (quota_of(bureau, p2).received, quota_of(college, p2).received) == (6, 4)
    splitting.issue_open(open_world.base_admin, p2, seats={bureau.pk: 2, college.pk: 8})
    assert (quota_of(bureau, p2).received, quota_of(college, p2).received) == (2, 8)
    with pytest.raises(RuleBroken, match="合计12个，超过项目人数10人"):
        splitting.issue_open(open_world.base_admin, p2, seats={bureau.pk: 4})
    assert quota_of(bureau, p2).movements.first().reason == "基地另行通知"
    assert_sound()


@pytest.mark.clause("CQ20-2.4")
def test_a_base_has_no_say_over_fixed_quotas_and_another_base_none_at_all(open_world: World) -> None:
    from tests.factories import BaseFactory

    bureau = open_world.bureau()
    with pytest.raises(RuleBroken, match="由项目办统一分配"):
        splitting.issue_open(open_world.base_admin, open_world.project("P1"), seats={bureau.pk: 1})
    stranger = open_world.actor(Role.BASE_ADMIN, BaseFactory(parent=open_world.city))
    for actor in (stranger, open_world.manager):
        with pytest.raises(NotAllowed):
            splitting.issue_open(actor, open_world.project("P2"), seats={bureau.pk: 1})


@pytest.mark.clause("CQ20-2.4")
def test_a_base_notifies_neither_schools_nor_strangers(open_world: World) -> None:
    school = SchoolFactory(parent=open_world.bureau())
    for seats in ({school.pk: 1}, {open_world.bureau().pk: -1}):
        with pytest.raises(Invalid):
            splitting.issue_open(open_world.base_admin, open_world.project("P2"), seats=seats)


def test_moving_seats_of_an_open_project_touches_no_table(open_world: World) -> None:
    bureau, other, p2 = open_world.bureau(), open_world.bureau(), open_world.project("P2")
    splitting.issue_open(open_world.base_admin, p2, seats={bureau.pk: 3})
    splitting.transfer(open_world.manager, quota_of(bureau, p2), target=other, seats=1, reason="调整")
    assert not QuotaCell.objects.exists()
    assert quota_of(other, p2).received == 1
