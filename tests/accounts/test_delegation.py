"""Who may hand which role on, and where."""

import pytest

from portal.accounts.delegation import (
    DELEGATIONS,
    INVITERS,
    may_end,
    may_grant,
    may_hand_on,
    offered_roles,
    roles_for,
)
from portal.accounts.queries import invitable_organizations
from portal.accounts.roles import HELD_IN, SEPARATED, Role
from portal.operations.actor import Actor
from tests.factories import (
    BaseFactory,
    BureauFactory,
    CollegeFactory,
    OrganizationFactory,
    ProjectOfficeFactory,
    SchoolFactory,
    make_actor,
)

pytestmark = pytest.mark.django_db


def test_nobody_hands_on_a_separated_role_or_a_trainees() -> None:
    handed_on = {role for each in DELEGATIONS for role in each.roles}
    assert not handed_on & (SEPARATED | {Role.TRAINEE})
    assert not set(INVITERS) & SEPARATED


def test_every_delegation_has_a_place_where_it_can_be_used() -> None:
    for each in DELEGATIONS:
        for role in each.roles:
            assert each.below or HELD_IN[role] & HELD_IN[each.by], (each.by, role)


def test_a_clerk_makes_clerks_and_school_administrators_but_no_approver() -> None:
    school = SchoolFactory()
    clerk = make_actor(Role.BUREAU_CLERK, school.parent)
    assert roles_for(clerk, school.parent) == [Role.BUREAU_CLERK]
    assert roles_for(clerk, school) == [Role.SCHOOL_ADMIN]
    assert not may_hand_on(clerk, Role.BUREAU_APPROVER, school.parent)
    assert may_hand_on(make_actor(Role.BUREAU_APPROVER, school.parent), Role.BUREAU_APPROVER, school.parent)


def test_a_bureau_reaches_no_school_of_another_bureau() -> None:
    clerk = make_actor(Role.BUREAU_CLERK, BureauFactory())
    assert roles_for(clerk, SchoolFactory()) == []


def test_the_office_reaches_bureaus_colleges_and_bases_of_its_authority() -> None:
    office = ProjectOfficeFactory()
    manager = make_actor(Role.PROGRAM_MANAGER, office)
    root = office.parent
    assert roles_for(manager, BureauFactory(parent=root)) == [
        Role.BUREAU_CLERK,
        Role.BUREAU_APPROVER,
        Role.EXPERT,
    ]
    assert roles_for(manager, CollegeFactory(parent=root)) == [Role.COLLEGE_ADMIN, Role.EXPERT]
    assert Role.BASE_ADMIN in roles_for(manager, BaseFactory(parent=root))
    assert Role.OFFICE_REVIEWER in roles_for(manager, office)
    assert roles_for(manager, BureauFactory()) == []


@pytest.mark.parametrize("role", [Role.SCHOOL_ADMIN, Role.COLLEGE_ADMIN, Role.BASE_ADMIN])
def test_administrators_invite_only_into_their_own_organisation(role: Role) -> None:
    admin = make_actor(role)
    assert admin.organization is not None
    assert role in roles_for(admin, admin.organization)
    twin = type(admin.organization).objects.create(
        kind=admin.organization.kind, name="演示同类机构", parent=admin.organization.parent
    )
    assert roles_for(admin, twin) == []


@pytest.mark.parametrize("role", [Role.TRAINEE, Role.OFFICE_REVIEWER, Role.AUDIT_ADMIN, Role.SYSTEM_ADMIN])
def test_others_invite_nobody(role: Role) -> None:
    actor = make_actor(role)
    assert offered_roles(actor) == []
    assert not invitable_organizations(actor).exists()


def test_the_security_administrator_grants_everything_but_the_separated_roles_in_reach() -> None:
    root = OrganizationFactory()
    security = make_actor(Role.SECURITY_ADMIN, root)
    bureau = BureauFactory(parent=root)
    assert may_grant(security, Role.BUREAU_APPROVER, bureau)
    assert may_end(security, Role.BUREAU_APPROVER, bureau)
    assert not may_grant(security, Role.BUREAU_APPROVER, BureauFactory())
    for role in SEPARATED:
        assert not may_grant(security, role, root)
        assert not may_end(security, role, root)


def test_no_other_separated_administrator_grants() -> None:
    root = OrganizationFactory()
    for role in (Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN):
        assert not may_grant(make_actor(role, root), Role.BUREAU_CLERK, BureauFactory(parent=root))


def test_an_actor_without_organisation_hands_on_nothing() -> None:
    system = Actor.system("worker")
    assert not may_hand_on(system, Role.SCHOOL_ADMIN, SchoolFactory())
    assert not invitable_organizations(system).exists()


def test_the_form_offers_own_and_reachable_organisations() -> None:
    bureau = BureauFactory()
    inside, outside = SchoolFactory(parent=bureau), SchoolFactory()
    offered = invitable_organizations(make_actor(Role.BUREAU_CLERK, bureau))
    assert set(offered) == {bureau, inside}
    assert outside not in offered
