"""The pages of accounts: what they do, whom they refuse, what they cost."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import ApiToken, Invitation, Membership, User
from portal.accounts.roles import Role
from portal.accounts.services.invitations import invite
from portal.operations.actor import Actor
from portal.ui import registry
from tests.accounts.test_sign_in import sign_in
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
BACKEND = "django.contrib.auth.backends.ModelBackend"


def as_actor(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user, backend=BACKEND)
    return client


def secret_of(page: str) -> str:
    found = re.search(r'id="secret" value="([^"]+)"', page)
    assert found
    return found[1]


def test_an_invited_person_makes_an_account_and_is_signed_in() -> None:
    school = SchoolFactory()
    clerk = as_actor(make_actor(Role.BUREAU_CLERK, school.parent))
    page = clerk.get(reverse("accounts:invite"))
    assert school.name in page.content.decode()
    given = {"organization": school.pk, "role": "school_admin", "name": "演示王老师"}
    shown = clerk.post(reverse("accounts:invite"), given)
    assert "no-store" in shown["Cache-Control"]
    link = secret_of(shown.content.decode())
    assert "<svg" in shown.content.decode()

    guest, path = Client(), link.removeprefix("http://127.0.0.1:8000")
    assert "演示王老师" in guest.get(path).content.decode()
    account = {"username": "演示王", "password": "Fresh-Word-123", "again": "Fresh-Word-124"}
    assert "不一致" in guest.post(path, account).content.decode()
    assert guest.post(path, account | {"password": "weak", "again": "weak"}).status_code == 422
    before = guest.session.session_key
    done = guest.post(path, account | {"again": "Fresh-Word-123"})
    assert (done.status_code, done["Location"]) == (302, "/")
    assert guest.session.session_key != before
    assert guest.get(reverse("accounts:me")).status_code == 200
    assert Client().get(path).status_code == 410
    assert sign_in(Client(), "演示王", "Fresh-Word-123").status_code == 302


def test_a_role_that_may_not_be_handed_on_is_refused_beside_the_form() -> None:
    school = SchoolFactory()
    clerk = as_actor(make_actor(Role.BUREAU_CLERK, school.parent))
    refused = clerk.post(
        reverse("accounts:invite"), {"organization": school.pk, "role": "bureau_clerk", "name": "演示"}
    )
    assert refused.status_code == 422
    assert "不能为" in refused.content.decode()
    assert not Invitation.objects.exists()


def test_a_signed_in_person_takes_the_invited_role_up() -> None:
    school = SchoolFactory()
    issued = invite(make_actor(Role.BUREAU_CLERK, school.parent), school, role=Role.SCHOOL_ADMIN, name="演示")
    person = make_actor(Role.COLLEGE_ADMIN)
    client, path = as_actor(person), reverse("accounts:accept", args=[issued.token])
    assert "您已登录为" in client.get(path).content.decode()
    key = client.session.session_key
    assert client.post(path).status_code == 302
    assert client.session.session_key != key
    page = client.get(reverse("accounts:me"))
    assert page.wsgi_request.actor.organization == school  # type: ignore[attr-defined]


def test_an_auditor_who_opens_an_invitation_is_told_why_not() -> None:
    school = SchoolFactory()
    issued = invite(make_actor(Role.BUREAU_CLERK, school.parent), school, role=Role.SCHOOL_ADMIN, name="演示")
    client = as_actor(make_actor(Role.AUDIT_ADMIN))
    refused = client.post(reverse("accounts:accept", args=[issued.token]))
    assert refused.status_code == 422
    assert "不得兼任" in refused.content.decode()


def test_an_unknown_link_is_not_found() -> None:
    assert Client().get(reverse("accounts:accept", args=["nothing"])).status_code == 404


def test_the_inviter_takes_a_link_back() -> None:
    school = SchoolFactory()
    clerk = make_actor(Role.BUREAU_CLERK, school.parent)
    invitation = invite(clerk, school, role=Role.SCHOOL_ADMIN, name="演示").invitation
    client = as_actor(clerk)
    url = reverse("accounts:invitation", args=[invitation.pk])
    assert "撤回邀请" in client.get(url).content.decode()
    client.post(reverse("accounts:revoke_invitation", args=[invitation.pk]))
    again = client.post(reverse("accounts:revoke_invitation", args=[invitation.pk]), follow=True)
    assert "已撤回" in again.content.decode()
    assert Invitation.objects.get().revoked_at is not None


def test_an_account_is_made_granted_shut_and_opened_by_two_administrators() -> None:
    root = OrganizationFactory()
    bureau = BureauFactory(parent=root)
    system, security = (as_actor(make_actor(role, root)) for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN))
    assert "没有任何角色" in system.get(reverse("accounts:create_user")).content.decode()
    shown = system.post(reverse("accounts:create_user"), {"username": "newcomer", "name": "演示新人"})
    user = User.objects.get(username="newcomer")
    assert user.check_password(secret_of(shown.content.decode()))

    wish = {"organization": bureau.pk, "role": "bureau_clerk"}
    assert security.get(reverse("accounts:grant", args=[user.pk])).status_code == 200
    assert security.post(reverse("accounts:grant", args=[user.pk]), wish).status_code == 302
    assert security.post(reverse("accounts:grant", args=[user.pk]), wish).status_code == 422
    held = Membership.objects.get(user=user)
    assert "终止" in security.get(reverse("accounts:user", args=[user.pk])).content.decode()

    assert system.get(reverse("accounts:deactivate", args=[user.pk])).status_code == 200
    system.post(reverse("accounts:deactivate", args=[user.pk]), {"reason": "离职"})
    assert not User.objects.get(pk=user.pk).is_active
    assert "停用" in system.get(reverse("accounts:user", args=[user.pk])).content.decode()
    system.post(reverse("accounts:reactivate", args=[user.pk]))
    assert User.objects.get(pk=user.pk).is_active
    reset = system.post(reverse("accounts:reset_password", args=[user.pk]))
    assert User.objects.get(pk=user.pk).check_password(secret_of(reset.content.decode()))
    assert (
        system.post(reverse("accounts:reset_second_factor", args=[user.pk]), {"reason": "x"}).status_code
        == 422
    )

    assert (
        security.post(reverse("accounts:end_membership", args=[held.pk]), {"reason": ""}).status_code == 422
    )
    assert (
        security.post(reverse("accounts:end_membership", args=[held.pk]), {"reason": "调离"}).status_code
        == 302
    )
    assert Membership.objects.get(pk=held.pk).ended_at is not None


def test_a_refused_reset_leads_back_with_the_reason() -> None:
    root = OrganizationFactory()
    auditor = MembershipFactory(role=Role.AUDIT_ADMIN, organization=root).user
    client = as_actor(make_actor(Role.SYSTEM_ADMIN, root))
    answer = client.post(reverse("accounts:reset_password", args=[auditor.pk]), follow=True)
    assert "当前的角色不能" in answer.content.decode()
    assert User.objects.get(pk=auditor.pk).check_password(PASSWORD)


def test_people_keep_their_particulars_after_proving_who_they_are() -> None:
    actor, client = make_actor(Role.TRAINEE), Client()
    sign_in(client, actor.user.username)
    url = reverse("accounts:profile")
    assert client.get(url).status_code == 200
    asked = client.post(url, {"name": "张三", "phone": "", "email": ""})
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    client.post(asked["Location"], {"password": PASSWORD})
    assert User.objects.get(pk=actor.user_id).name == "张三", "what was sent is not lost"
    assert client.post(url, {"name": "", "phone": "", "email": ""}).status_code == 422


def test_a_token_is_made_shown_once_and_revoked() -> None:
    client = as_actor(make_actor(Role.SCHOOL_ADMIN))
    shown = client.post(reverse("accounts:create_token"), {"name": "教务同步", "days": "30"})
    token = secret_of(shown.content.decode())
    me = client.get(reverse("accounts:me")).content.decode()
    assert "教务同步" in me
    assert token not in me
    assert client.post(reverse("accounts:create_token"), {"name": "", "days": "30"}).status_code == 422
    client.post(reverse("accounts:revoke_token", args=[ApiToken.objects.get().pk]))
    assert ApiToken.objects.get().revoked_at is not None


def test_nobody_revokes_anothers_token_by_its_address() -> None:
    as_actor(make_actor(Role.SCHOOL_ADMIN)).post(
        reverse("accounts:create_token"), {"name": "x", "days": "30"}
    )
    url = reverse("accounts:revoke_token", args=[ApiToken.objects.get().pk])
    assert as_actor(make_actor(Role.SCHOOL_ADMIN)).post(url).status_code == 404


GET_PAGES = ["users", "create_user", "invitations", "invite", "me", "profile"]
RECORD_PAGES = ["user", "grant", "deactivate", "reset_second_factor"]
RECORD_POSTS = ["reactivate", "reset_password"]


@pytest.mark.parametrize("name", GET_PAGES)
def test_a_stranger_is_led_to_sign_in(name: str) -> None:
    answer = Client().get(reverse(f"accounts:{name}"))
    assert answer["Location"].startswith("/account/login/?next=")


@pytest.mark.parametrize("name", [*RECORD_PAGES, *RECORD_POSTS])
def test_a_stranger_reaches_nobodys_record(name: str) -> None:
    url = reverse(f"accounts:{name}", args=[MembershipFactory().user_id])
    answer = Client().post(url)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/login/")


@pytest.mark.parametrize("name", ["users", "create_user", "invitations", "invite"])
@pytest.mark.parametrize("role", [Role.TRAINEE, Role.EXPERT, Role.AUDIT_ADMIN, Role.OFFICE_REVIEWER])
def test_roles_that_look_after_nobody_are_refused(name: str, role: Role) -> None:
    assert as_actor(make_actor(role)).get(reverse(f"accounts:{name}")).status_code == 403


@pytest.mark.parametrize("name", [*RECORD_PAGES, *RECORD_POSTS])
def test_another_authoritys_people_are_not_found(name: str) -> None:
    other = MembershipFactory()
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN):
        answer = as_actor(make_actor(role)).post(
            reverse(f"accounts:{name}", args=[other.user_id]), {"reason": "x"}
        )
        assert answer.status_code in {403, 404}
    assert User.objects.get(pk=other.user_id).is_active
    ended = reverse("accounts:end_membership", args=[other.pk])
    assert as_actor(make_actor(Role.SECURITY_ADMIN)).post(ended, {"reason": "x"}).status_code == 404


def test_the_register_finds_by_name_and_filters_by_role_and_state() -> None:
    school = SchoolFactory()
    client = as_actor(make_actor(Role.BUREAU_CLERK, school.parent))
    MembershipFactory(user=UserFactory(name="演示甲"), role=Role.SCHOOL_ADMIN, organization=school)
    MembershipFactory(
        user=UserFactory(name="演示乙", is_active=False), role=Role.TRAINEE, organization=school
    )
    url = reverse("accounts:users")

    def names(**query: str) -> set[str]:
        page = client.get(url, query).content.decode()
        return {name for name in ("演示甲", "演示乙") if name in page}

    assert names() == {"演示甲", "演示乙"}
    assert names(q="演示甲") == {"演示甲"}
    assert names(role="trainee") == {"演示乙"}
    assert names(active="0") == {"演示乙"}
    assert names(active="1") == {"演示甲"}


def test_invitations_are_filtered_by_what_became_of_them() -> None:
    school = SchoolFactory()
    clerk = make_actor(Role.BUREAU_CLERK, school.parent)
    names = ["演示开放", "演示接受", "演示撤回", "演示过期"]
    rows = [invite(clerk, school, role=Role.SCHOOL_ADMIN, name=name).invitation for name in names]
    now = timezone.now()
    for row, change in zip(
        rows[1:], ({"accepted_at": now}, {"revoked_at": now}, {"expires_at": now}), strict=True
    ):
        Invitation.objects.filter(pk=row.pk).update(**change)
    client = as_actor(clerk)
    for state, name in zip(("open", "accepted", "revoked", "expired"), names, strict=True):
        page = client.get(reverse("accounts:invitations"), {"state": state}).content.decode()
        assert {each for each in names if each in page} == {name}


@pytest.fixture
def bare_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the programme switcher of the upper storey, so that the count is that of these pages."""
    monkeypatch.setattr(registry.programs, "_providers", [])


@pytest.mark.usefixtures("bare_frame")
@pytest.mark.parametrize("name", ["users", "invitations"])
def test_lists_cost_the_same_for_one_row_and_for_three(name: str, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    school = SchoolFactory()
    clerk = make_actor(Role.BUREAU_CLERK, school.parent)
    client, url = as_actor(clerk), reverse(f"accounts:{name}")
    client.get(url)
    # person, roles, unread, the list's columns, rows (and the people's roles)
    expected = 6 if name == "users" else 5
    for rows in (1, 3):
        while Membership.objects.filter(organization=school).count() < rows:
            MembershipFactory(role=Role.SCHOOL_ADMIN, organization=school)
            invite(clerk, school, role=Role.SCHOOL_ADMIN, name="演示")
        with django_assert_num_queries(expected):
            assert client.get(url).status_code == 200


@pytest.mark.usefixtures("bare_frame")
def test_the_record_costs_the_same_for_one_role_and_for_three(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    root = OrganizationFactory()
    client = as_actor(make_actor(Role.SECURITY_ADMIN, root))
    person = MembershipFactory(organization=BureauFactory(parent=root)).user
    url = reverse("accounts:user", args=[person.pk])
    client.get(url)
    for rows in (1, 3):
        while person.memberships.count() < rows:
            MembershipFactory(user=person, organization=BureauFactory(parent=root))
        with django_assert_num_queries(6):
            assert client.get(url).status_code == 200
