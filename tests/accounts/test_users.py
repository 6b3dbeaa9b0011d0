"""Accounts: made, shut, opened again; who looks after whose."""

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from portal.accounts.models import ApiToken, Membership, User
from portal.accounts.reach import may_care
from portal.accounts.roles import SEPARATED, Role
from portal.accounts.services.passwords import reset_password
from portal.accounts.services.profile import update_profile
from portal.accounts.services.second_factor import reset_second_factor
from portal.accounts.services.tokens import create_token
from portal.accounts.services.trainees import create_trainee_account
from portal.accounts.services.users import create_user, deactivate_user, reactivate_user
from portal.errors import Invalid, NotAllowed, WrongState
from portal.messages.models import Message
from portal.operations.models import AuditEntry
from tests.factories import (
    PASSWORD,
    BureauFactory,
    MembershipFactory,
    OrganizationFactory,
    SchoolFactory,
    UserFactory,
    make_actor,
)

pytestmark = pytest.mark.django_db


def test_the_system_administrator_makes_accounts_without_roles() -> None:
    opened = create_user(
        make_actor(Role.SYSTEM_ADMIN), None, username="演示李", name=" 李　演示 ", phone="１３９00000002"
    )
    assert opened.user.check_password(opened.password)
    assert opened.user.must_change_password
    assert (opened.user.name, opened.user.phone) == ("李 演示", "13900000002")
    assert not opened.user.memberships.exists()
    assert opened.password not in str(AuditEntry.objects.values())


@pytest.mark.parametrize("role", [Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.PROGRAM_MANAGER, Role.TRAINEE])
def test_nobody_else_makes_accounts(role: Role) -> None:
    with pytest.raises(NotAllowed):
        create_user(make_actor(role), None, username="newcomer", name="演示")
    assert not User.objects.filter(username="newcomer").exists()


@pytest.mark.parametrize(
    ("username", "name", "field"),
    [("a b", "演示", "username"), ("user<script>", "演示", "username"), ("good.name", " ", "name")],
)
def test_malformed_accounts_are_refused(username: str, name: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_user(make_actor(Role.SYSTEM_ADMIN), None, username=username, name=name)
    assert refused.value.field == field


def test_a_taken_user_name_is_said_to_be_taken() -> None:
    UserFactory(username="taken")
    with pytest.raises(Invalid, match="已被使用") as refused:
        create_user(make_actor(Role.SYSTEM_ADMIN), None, username="taken", name="演示")
    assert refused.value.code == "username_taken"


def test_a_shut_account_loses_its_tokens_and_keeps_its_roles() -> None:
    root = OrganizationFactory()
    person = make_actor(Role.BUREAU_CLERK, BureauFactory(parent=root))
    create_token(person, person.user, name="同步", days=30)
    system = make_actor(Role.SYSTEM_ADMIN, root)
    with pytest.raises(Invalid, match="理由"):
        deactivate_user(system, person.user, reason="")
    deactivate_user(system, person.user, reason="离职")
    assert not User.objects.get(pk=person.user_id).is_active
    assert not ApiToken.objects.valid(timezone.now()).exists()
    assert Membership.objects.current().filter(user=person.user).exists()
    with pytest.raises(WrongState):
        deactivate_user(system, person.user, reason="离职")
    reactivate_user(system, person.user)
    assert User.objects.get(pk=person.user_id).is_active


@pytest.mark.parametrize("role", sorted(SEPARATED))
def test_no_separated_administrator_is_touched_by_another(role: Role) -> None:
    root = OrganizationFactory()
    other = MembershipFactory(role=role, organization=root).user
    system = make_actor(Role.SYSTEM_ADMIN, root)
    for act in (
        lambda: deactivate_user(system, other, reason="x"),
        lambda: reset_password(system, other),
        lambda: reset_second_factor(system, other, reason="x"),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert User.objects.get(pk=other.pk).check_password(PASSWORD)


def test_the_system_administrator_stays_within_reach() -> None:
    system = make_actor(Role.SYSTEM_ADMIN)
    assert not may_care(system, MembershipFactory().user)
    assert may_care(system, UserFactory())


def test_an_administrator_resets_only_people_who_are_wholly_theirs() -> None:
    school = SchoolFactory()
    clerk = make_actor(Role.BUREAU_CLERK, school.parent)
    admin = MembershipFactory(role=Role.SCHOOL_ADMIN, organization=school).user
    assert may_care(clerk, admin)
    MembershipFactory(user=admin, role=Role.PROVINCIAL_OFFICER, organization=school.parent.parent)
    assert not may_care(clerk, admin)
    assert not may_care(clerk, clerk.user)
    assert not may_care(clerk, UserFactory())
    assert not may_care(clerk, "nobody")


def test_a_reset_password_is_one_time_and_ends_tokens() -> None:
    school = SchoolFactory()
    clerk = make_actor(Role.BUREAU_CLERK, school.parent)
    admin = make_actor(Role.SCHOOL_ADMIN, school)
    create_token(admin, admin.user, name="同步", days=30)
    password = reset_password(clerk, admin.user)
    user = User.objects.get(pk=admin.user_id)
    assert user.check_password(password)
    assert user.must_change_password
    assert not ApiToken.objects.valid(timezone.now()).filter(user=user).exists()
    assert Message.objects.filter(recipient=user, title__contains="密码").exists()
    assert password not in str(AuditEntry.objects.values())


def test_a_lost_second_factor_is_taken_off_with_a_reason() -> None:
    school = SchoolFactory()
    clerk = make_actor(Role.BUREAU_CLERK, school.parent)
    admin = MembershipFactory(role=Role.SCHOOL_ADMIN, organization=school).user
    with pytest.raises(Invalid, match="理由"):
        reset_second_factor(clerk, admin, reason="")
    with pytest.raises(WrongState, match="没有启用"):
        reset_second_factor(clerk, admin, reason="换手机")
    Authenticator.objects.create(user=admin, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert reset_second_factor(clerk, admin, reason="换手机") == 1
    assert not Authenticator.objects.filter(user=admin).exists()


def test_people_correct_their_own_particulars_only() -> None:
    actor = make_actor(Role.TRAINEE)
    update_profile(actor, actor.user, name="张　三", phone="13911112222", email=" a@example.org ")
    user = User.objects.get(pk=actor.user_id)
    assert (user.name, user.phone, user.email) == ("张 三", "13911112222", "a@example.org")
    entry = AuditEntry.objects.get(operation="accounts.update_profile")
    assert "13911112222" not in str(entry.after)
    with pytest.raises(Invalid):
        update_profile(actor, actor.user, name=" ", phone="", email="")
    with pytest.raises(NotAllowed):
        update_profile(actor, UserFactory(), name="别人", phone="", email="")


def test_a_trainees_account_is_made_within_the_callers_act() -> None:
    school = SchoolFactory()
    account = create_trainee_account("演示学员", "13900000003", school, password="Trainee-Word-1")
    assert account.user.username == "13900000003"
    assert account.user.check_password("Trainee-Word-1")
    assert (account.membership.role, account.membership.organization) == (Role.TRAINEE, school)
    assert not AuditEntry.objects.exists()


def test_a_trainee_without_a_password_cannot_sign_in_yet() -> None:
    account = create_trainee_account("演示学员", "13900000004", SchoolFactory(), username="学员04")
    assert not account.user.has_usable_password()
    assert account.user.username == "学员04"


def test_a_phone_that_has_an_account_is_refused() -> None:
    school = SchoolFactory()
    create_trainee_account("演示学员", "13900000005", school)
    with pytest.raises(Invalid, match="已被使用"):
        create_trainee_account("另一学员", "13900000005", school)


def test_a_bureau_has_no_trainees() -> None:
    with pytest.raises(Invalid, match="不设"):
        create_trainee_account("演示学员", "13900000006", BureauFactory())


def test_who_sees_whom() -> None:
    school = SchoolFactory()
    root = school.parent.parent
    teacher = MembershipFactory(role=Role.TRAINEE, organization=school).user
    unplaced = UserFactory()

    def seen(role: Role, organization: object) -> set[User]:
        return set(User.objects.visible_to(make_actor(role, organization)))  # type: ignore[arg-type]

    assert teacher in seen(Role.SCHOOL_ADMIN, school)
    assert teacher in seen(Role.BUREAU_CLERK, school.parent)
    assert teacher not in seen(Role.SCHOOL_ADMIN, SchoolFactory())
    assert teacher not in seen(Role.FINANCE_OFFICER, root)
    assert len(seen(Role.TRAINEE, school)) == 1
    assert len(seen(Role.AUDIT_ADMIN, root)) == 1
    assert {teacher, unplaced} <= seen(Role.SYSTEM_ADMIN, root)
    assert unplaced in seen(Role.SECURITY_ADMIN, OrganizationFactory())
    assert unplaced not in seen(Role.BUREAU_CLERK, school.parent)
