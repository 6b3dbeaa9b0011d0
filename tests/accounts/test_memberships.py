"""Granting and ending roles; the separation of the three administrators, in the service and in the database."""

import pgtrigger
import pytest
from django.db import IntegrityError, transaction

from portal.accounts.models import Membership, User
from portal.accounts.roles import SEPARATED, Role
from portal.accounts.separation import SEPARATED_ADMINISTRATORS
from portal.accounts.services.memberships import RoleWish, end_all, end_membership, grant_role, hold
from portal.errors import Conflict, Invalid, NotAllowed, RuleBroken
from portal.messages.models import Message
from portal.operations.models import AuditEntry, Outcome
from tests.factories import (
    BureauFactory,
    MembershipFactory,
    OrganizationFactory,
    SchoolFactory,
    UserFactory,
    make_actor,
)
from tests.races import at_once

pytestmark = pytest.mark.django_db


def test_the_security_administrator_grants_a_role_and_the_person_is_told() -> None:
    root = OrganizationFactory()
    bureau, person = BureauFactory(parent=root), UserFactory()
    security = make_actor(Role.SECURITY_ADMIN, root)
    made = grant_role(security, RoleWish(person, Role.BUREAU_CLERK, bureau))
    assert made.granted_by == security.user
    assert Message.objects.filter(recipient=person).count() == 1
    entry = AuditEntry.objects.get(operation="accounts.grant_role")
    assert entry.after["role"] == "bureau_clerk"
    assert entry.user == security.user


def test_roles_are_granted_in_reach_only_and_the_attempt_is_on_record() -> None:
    security = make_actor(Role.SECURITY_ADMIN)
    wish = RoleWish(UserFactory(), Role.BUREAU_CLERK, BureauFactory())
    with pytest.raises(NotAllowed):
        grant_role(security, wish)
    assert AuditEntry.objects.get(operation="accounts.grant_role").outcome == Outcome.REFUSED


@pytest.mark.parametrize("role", sorted(SEPARATED))
def test_no_separated_role_is_granted_from_within(role: Role) -> None:
    security = make_actor(Role.SECURITY_ADMIN)
    with pytest.raises(NotAllowed, match="命令"):
        grant_role(security, RoleWish(UserFactory(), Role(role), security.organization))


def test_nobody_grants_themselves_a_role() -> None:
    security = make_actor(Role.SECURITY_ADMIN)
    wish = RoleWish(security.user, Role.PROVINCIAL_OFFICER, security.organization)
    with pytest.raises(NotAllowed, match="自己"):
        grant_role(security, wish)


@pytest.mark.parametrize(
    "role", [Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN, Role.PROGRAM_MANAGER, Role.BUREAU_APPROVER]
)
def test_nobody_but_the_security_administrator_grants(role: Role) -> None:
    actor = make_actor(role)
    with pytest.raises(NotAllowed):
        grant_role(actor, RoleWish(UserFactory(), Role.EXPERT, actor.organization))


def test_a_role_is_held_only_where_such_bodies_have_it() -> None:
    with pytest.raises(Invalid, match="不设"):
        hold(UserFactory(), Role.BUREAU_CLERK, SchoolFactory(), granted_by=None)


def test_an_organisation_out_of_use_takes_nobody_on() -> None:
    with pytest.raises(Invalid, match="已停用"):
        hold(UserFactory(), Role.SCHOOL_ADMIN, SchoolFactory(active=False), granted_by=None)


def test_the_same_role_is_not_held_twice() -> None:
    held = MembershipFactory()
    with pytest.raises(Conflict, match="已担任"):
        hold(held.user, Role.BUREAU_CLERK, held.organization, granted_by=None)


MIXED = [
    (first, second)
    for first in sorted(SEPARATED)
    for second in (*sorted(SEPARATED), Role.PROVINCIAL_OFFICER, Role.EXPERT)
]


@pytest.mark.parametrize(("first", "second"), MIXED)
def test_a_separated_administrator_is_nothing_else(first: Role, second: Role) -> None:
    held = MembershipFactory(role=first)
    with pytest.raises(RuleBroken) as refused:
        hold(held.user, second, OrganizationFactory(), granted_by=None)
    assert refused.value.code == "separated_administrators"


@pytest.mark.parametrize("role", sorted(SEPARATED))
def test_who_is_something_else_becomes_no_separated_administrator(role: Role) -> None:
    held = MembershipFactory(role=Role.PROVINCIAL_OFFICER)
    with pytest.raises(RuleBroken):
        hold(held.user, Role(role), held.organization, granted_by=None)


def test_after_the_old_role_has_ended_the_person_is_free() -> None:
    held = MembershipFactory(role=Role.PROVINCIAL_OFFICER)
    assert end_all(held.user) == 1
    assert hold(held.user, Role.AUDIT_ADMIN, held.organization, granted_by=None).role == Role.AUDIT_ADMIN


def test_the_trigger_names_the_same_roles_as_the_code() -> None:
    for role in Role:
        assert (f"'{role.value}'" in SEPARATED_ADMINISTRATORS.func) == (role in SEPARATED)


@pytest.mark.parametrize("role", sorted(SEPARATED))
def test_the_database_itself_refuses_to_mix(role: Role) -> None:
    held = MembershipFactory(role=Role.PROVINCIAL_OFFICER)
    with pytest.raises(IntegrityError, match="one role"), transaction.atomic():
        Membership.objects.create(user=held.user, role=role, organization=held.organization)
    separated = MembershipFactory(role=role)
    with pytest.raises(IntegrityError, match="one role"), transaction.atomic():
        Membership.objects.create(user=separated.user, role=Role.EXPERT, organization=separated.organization)
    assert Membership.objects.filter(user__in=[held.user, separated.user]).count() == 2


def grants_at_once() -> list[object]:
    """Past the service: both inserts would see a person without a role unless one waits for the other."""
    root, person = OrganizationFactory(), UserFactory()

    def grant(role: Role) -> Membership:
        return Membership.objects.create(user=User.objects.get(pk=person.pk), role=role, organization=root)

    return at_once(lambda: grant(Role.AUDIT_ADMIN), lambda: grant(Role.PROVINCIAL_OFFICER))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_grants_at_once_do_not_mix_either() -> None:
    outcomes = grants_at_once()
    assert sum(isinstance(each, Membership) for each in outcomes) == 1
    assert sum(isinstance(each, IntegrityError) for each in outcomes) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_the_trigger_both_grants_pass() -> None:
    pgtrigger.disable("accounts.Membership:membership_separated")
    try:
        assert all(isinstance(each, Membership) for each in grants_at_once())
    finally:
        pgtrigger.enable("accounts.Membership:membership_separated")


def test_an_ended_role_needs_a_reason_and_is_kept() -> None:
    school = SchoolFactory()
    clerk = make_actor(Role.BUREAU_CLERK, school.parent)
    held = MembershipFactory(role=Role.SCHOOL_ADMIN, organization=school)
    with pytest.raises(Invalid, match="理由"):
        end_membership(clerk, held, reason="  ")
    end_membership(clerk, held, reason="调离本校")
    held.refresh_from_db()
    assert held.ended_at is not None
    assert AuditEntry.objects.get(operation="accounts.end_membership").reason == "调离本校"
    with pytest.raises(Conflict, match="已被他人终止"):
        end_membership(clerk, held, reason="再次")


def test_nobody_ends_their_own_role() -> None:
    clerk = make_actor(Role.BUREAU_CLERK)
    mine = Membership.objects.get(user=clerk.user)
    with pytest.raises(NotAllowed, match="自己"):
        end_membership(clerk, mine, reason="不想干了")


def test_a_clerk_does_not_end_the_approver() -> None:
    approver = MembershipFactory(role=Role.BUREAU_APPROVER)
    with pytest.raises(NotAllowed):
        end_membership(make_actor(Role.BUREAU_CLERK, approver.organization), approver, reason="x")


@pytest.mark.parametrize("role", sorted(SEPARATED))
def test_no_separated_administrator_ends_another(role: Role) -> None:
    root = OrganizationFactory()
    held = MembershipFactory(role=role, organization=root)
    with pytest.raises(NotAllowed):
        end_membership(make_actor(Role.SECURITY_ADMIN, root), held, reason="x")
