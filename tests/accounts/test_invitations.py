"""An invitation: who may, what the link does, and that it works once."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from portal.accounts.models import Invitation, InvitationState, Membership, User
from portal.accounts.roles import Role
from portal.accounts.services import invitations
from portal.accounts.services.invitations import (
    accept_as_known,
    accept_as_new,
    find_invitation,
    invite,
    revoke_invitation,
    token_digest,
)
from portal.accounts.services.users import NewUser
from portal.errors import Conflict, Invalid, NotAllowed, RuleBroken, WrongState
from portal.messages.models import Message
from portal.operations.models import AuditEntry
from portal.organizations.models import Organization
from tests.factories import (
    BureauFactory,
    CollegeFactory,
    MembershipFactory,
    OrganizationFactory,
    SchoolFactory,
    UserFactory,
    make_actor,
)
from tests.races import at_once

pytestmark = pytest.mark.django_db
ACCOUNT = NewUser("演示校管", "Fresh-Word-123")


def issue(school: Organization | None = None) -> invitations.Issued:
    school = school or SchoolFactory()
    clerk = make_actor(Role.BUREAU_CLERK, school.parent)
    return invite(clerk, school, role=Role.SCHOOL_ADMIN, name="演示王老师", phone="13900000001")


def test_the_link_is_found_by_its_token_which_is_nowhere_stored() -> None:
    issued = issue()
    assert find_invitation(issued.token) == issued.invitation
    assert issued.invitation.token_digest == token_digest(issued.token)
    row = Invitation.objects.filter(pk=issued.invitation.pk).values().get()
    assert issued.token not in str(row)
    assert issued.token not in str(AuditEntry.objects.get(operation="accounts.invite").after)
    assert find_invitation(issued.token[:-1]) is None
    assert issued.url.endswith(f"/accounts/invitation/{issued.token}/")


def test_a_clerk_invites_no_approver_and_nobody_elsewhere() -> None:
    bureau = BureauFactory()
    clerk = make_actor(Role.BUREAU_CLERK, bureau)
    with pytest.raises(NotAllowed, match="不能为"):
        invite(clerk, bureau, role=Role.BUREAU_APPROVER, name="演示")
    with pytest.raises(NotAllowed):
        invite(clerk, SchoolFactory(), role=Role.SCHOOL_ADMIN, name="演示")
    assert not Invitation.objects.exists()


def test_a_role_that_such_a_body_does_not_have_is_refused() -> None:
    college = CollegeFactory()
    manager = make_actor(
        Role.PROGRAM_MANAGER, OrganizationFactory(kind="project_office", parent=college.parent)
    )
    with pytest.raises(NotAllowed, match="不能为"):
        invite(manager, college, role=Role.BASE_ADMIN, name="演示")


@pytest.mark.parametrize("role", [Role.TRAINEE, Role.EXPERT, Role.AUDIT_ADMIN, Role.SECURITY_ADMIN])
def test_others_invite_nobody(role: Role) -> None:
    actor = make_actor(role)
    with pytest.raises(NotAllowed):
        invite(actor, actor.organization, role=Role.EXPERT, name="演示")


def test_an_invitation_needs_a_name() -> None:
    school = SchoolFactory()
    with pytest.raises(Invalid) as refused:
        invite(make_actor(Role.BUREAU_CLERK, school.parent), school, role=Role.SCHOOL_ADMIN, name="　 ")
    assert refused.value.field == "name"


def test_accepting_makes_the_account_and_the_role_and_tells_the_inviter() -> None:
    issued = issue()
    user = accept_as_new(issued.invitation, ACCOUNT, ip="192.0.2.7")
    held = Membership.objects.get(user=user)
    assert (held.role, held.organization) == (Role.SCHOOL_ADMIN, issued.invitation.organization)
    assert held.granted_by == issued.invitation.invited_by
    assert user.check_password(ACCOUNT.password)
    assert (user.name, user.phone, user.must_change_password) == ("演示王老师", "13900000001", False)
    assert Message.objects.filter(recipient=issued.invitation.invited_by).exists()
    entry = AuditEntry.objects.get(operation="accounts.accept_invitation")
    assert (entry.actor_name, entry.ip) == ("演示王老师", "192.0.2.7")
    assert Invitation.objects.get(pk=issued.invitation.pk).accepted_by == user


def test_a_link_works_once() -> None:
    issued = issue()
    accept_as_new(issued.invitation, ACCOUNT, ip=None)
    with pytest.raises(Conflict, match="已被接受"):
        accept_as_new(issued.invitation, NewUser("另一人", "Fresh-Word-123"), ip=None)
    assert not User.objects.filter(username="另一人").exists()


def test_a_link_ends_after_seven_days() -> None:
    issued = issue()
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1), tick=False):
        assert issued.invitation.state_at(timezone.now()) == InvitationState.EXPIRED
        with pytest.raises(Conflict, match="有效期"):
            accept_as_new(issued.invitation, ACCOUNT, ip=None)
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23), tick=False):
        accept_as_new(issued.invitation, ACCOUNT, ip=None)


def test_a_revoked_link_is_useless_and_is_revoked_once() -> None:
    issued = issue()
    clerk = make_actor(Role.BUREAU_CLERK, issued.invitation.organization.parent)
    revoke_invitation(clerk, issued.invitation)
    with pytest.raises(Conflict, match="撤回"):
        accept_as_new(issued.invitation, ACCOUNT, ip=None)
    with pytest.raises(WrongState, match="撤回"):
        revoke_invitation(clerk, issued.invitation)


def test_an_accepted_invitation_is_not_revoked() -> None:
    issued = issue()
    accept_as_new(issued.invitation, ACCOUNT, ip=None)
    with pytest.raises(WrongState, match="已被接受"):
        revoke_invitation(
            make_actor(Role.BUREAU_CLERK, issued.invitation.organization.parent), issued.invitation
        )


def test_a_stranger_revokes_nothing() -> None:
    issued = issue()
    with pytest.raises(NotAllowed):
        revoke_invitation(make_actor(Role.BUREAU_CLERK), issued.invitation)


@pytest.mark.parametrize(
    ("account", "field"),
    [
        (NewUser("ab", "Fresh-Word-123"), "username"),
        (NewUser("含 空格", "Fresh-Word-123"), "username"),
        (NewUser("taken", "Fresh-Word-123"), "username"),
        (NewUser("newcomer", "weak"), "password"),
        (NewUser("newcomer9", "Newcomer9"), "password"),
    ],
)
def test_a_refused_account_leaves_the_link_open(account: NewUser, field: str) -> None:
    UserFactory(username="taken")
    issued = issue()
    with pytest.raises(Invalid) as refused:
        accept_as_new(issued.invitation, account, ip=None)
    assert refused.value.field == field
    assert Invitation.objects.open(timezone.now()).filter(pk=issued.invitation.pk).exists()
    accept_as_new(issued.invitation, ACCOUNT, ip=None)


def test_somebody_with_an_account_takes_the_role_up_in_it() -> None:
    issued, person = issue(), MembershipFactory().user
    membership = accept_as_known(issued.invitation, person, ip=None)
    assert membership.user == person
    assert Membership.objects.current().filter(user=person).count() == 2
    assert AuditEntry.objects.get(operation="accounts.accept_invitation").user == person


def test_a_separated_administrator_cannot_accept() -> None:
    issued, auditor = issue(), MembershipFactory(role=Role.AUDIT_ADMIN).user
    with pytest.raises(RuleBroken):
        accept_as_known(issued.invitation, auditor, ip=None)
    assert Invitation.objects.get(pk=issued.invitation.pk).accepted_at is None


def accepts_at_once() -> list[object]:
    issued = issue()
    return at_once(
        lambda: accept_as_new(issued.invitation, NewUser("one", "Fresh-Word-123"), ip=None),
        lambda: accept_as_new(issued.invitation, NewUser("two", "Fresh-Word-123"), ip=None),
    )


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_accepts_at_once_one_succeeds() -> None:
    outcomes = accepts_at_once()
    assert sum(isinstance(each, User) for each in outcomes) == 1
    assert sum(isinstance(each, Conflict) for each in outcomes) == 1
    assert Membership.objects.filter(role=Role.SCHOOL_ADMIN).count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_the_claim_both_accepts_succeed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "claim", lambda invitation: None)
    assert all(isinstance(each, User) for each in accepts_at_once())
    assert Membership.objects.filter(role=Role.SCHOOL_ADMIN).count() == 2


def test_invitations_are_seen_in_reach_by_those_who_look_after_accounts() -> None:
    issued = issue()
    school = issued.invitation.organization
    seen = Invitation.objects.visible_to
    assert seen(make_actor(Role.BUREAU_APPROVER, school.parent)).exists()
    assert seen(make_actor(Role.SCHOOL_ADMIN, school)).exists()
    assert not seen(make_actor(Role.SCHOOL_ADMIN)).exists()
    assert not seen(make_actor(Role.AUDIT_ADMIN, school.parent.parent)).exists()
    assert not seen(make_actor(Role.TRAINEE, school)).exists()
