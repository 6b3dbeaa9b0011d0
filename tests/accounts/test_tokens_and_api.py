"""The API: who may call it and in which role, and accounts through it."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from portal.accounts.models import ApiToken, Invitation, Membership, User
from portal.accounts.roles import Role
from portal.accounts.services.invitations import invite
from portal.accounts.services.tokens import create_token, revoke_token
from portal.errors import Invalid, NotAllowed
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from tests.factories import (
    BureauFactory,
    MembershipFactory,
    OrganizationFactory,
    SchoolFactory,
    UserFactory,
    make_actor,
)

pytestmark = pytest.mark.django_db


def token_for(actor: Actor) -> str:
    return create_token(actor, actor.user, name="同步", days=30)


def api(token: str, membership: object = "") -> APIClient:
    client = APIClient()
    client.credentials(
        HTTP_AUTHORIZATION=f"Token {token}", **({"HTTP_X_MEMBERSHIP": str(membership)} if membership else {})
    )
    return client


def as_actor(actor: Actor) -> APIClient:
    return api(token_for(actor))


def test_a_token_is_stored_as_a_digest_only() -> None:
    token = token_for(make_actor(Role.SCHOOL_ADMIN))
    assert token not in str(ApiToken.objects.values())
    assert token not in str(AuditEntry.objects.values())


def test_a_token_acts_in_the_only_role_and_its_use_is_noted() -> None:
    actor = make_actor(Role.SCHOOL_ADMIN)
    answer = as_actor(actor).get("/api/v1/me/")
    assert answer.status_code == 200
    assert answer.json()["membership"] == actor.membership_id
    assert answer.json()["role"] == "school_admin"
    assert [each["id"] for each in answer.json()["memberships"]] == [actor.membership_id]
    assert ApiToken.objects.get().used_at is not None


def test_the_last_use_is_written_at_most_once_an_hour() -> None:
    client = as_actor(make_actor(Role.SCHOOL_ADMIN))
    client.get("/api/v1/me/")
    first = ApiToken.objects.get().used_at
    client.get("/api/v1/me/")
    assert ApiToken.objects.get().used_at == first
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        client.get("/api/v1/me/")
    assert ApiToken.objects.get().used_at > first


def test_of_several_roles_one_must_be_named() -> None:
    actor = make_actor(Role.BUREAU_CLERK)
    other = MembershipFactory(user=actor.user, role=Role.SCHOOL_ADMIN)
    token = token_for(actor)
    refused = api(token).get("/api/v1/me/")
    assert (refused.status_code, refused.json()["code"]) == (403, "choose_membership")
    assert api(token, other.pk).get("/api/v1/me/").json()["role"] == "school_admin"
    assert api(token, MembershipFactory().pk).get("/api/v1/me/").status_code == 403


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token wrong", "Token \xff"])
def test_a_wrong_token_opens_nothing(header: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header.encode("latin-1"))
    answer = client.get("/api/v1/me/")
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")


@pytest.mark.parametrize("header", ["", "Basic YTpi"])
def test_without_a_token_or_session_nothing_opens(header: str) -> None:
    client = APIClient()
    if header:
        client.credentials(HTTP_AUTHORIZATION=header)
    answer = client.get("/api/v1/me/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_an_expired_a_revoked_and_a_shut_accounts_token_open_nothing() -> None:
    actor = make_actor(Role.SCHOOL_ADMIN)
    client = as_actor(actor)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert client.get("/api/v1/me/").status_code == 401
    User.objects.filter(pk=actor.user_id).update(is_active=False)
    assert client.get("/api/v1/me/").status_code == 401
    User.objects.filter(pk=actor.user_id).update(is_active=True)
    assert client.get("/api/v1/me/").status_code == 200
    revoke_token(actor, ApiToken.objects.get())
    assert client.get("/api/v1/me/").status_code == 401


def test_nobody_revokes_anothers_token() -> None:
    token_for(make_actor(Role.SCHOOL_ADMIN))
    with pytest.raises(NotAllowed):
        revoke_token(make_actor(Role.SYSTEM_ADMIN), ApiToken.objects.get())


@pytest.mark.parametrize(("name", "days", "field"), [(" ", 30, "name"), ("同步", 31, "days")])
def test_tokens_have_a_purpose_and_an_offered_lifetime(name: str, days: int, field: str) -> None:
    actor = make_actor(Role.SCHOOL_ADMIN)
    with pytest.raises(Invalid) as refused:
        create_token(actor, actor.user, name=name, days=days)
    assert refused.value.field == field


def test_five_valid_tokens_are_enough() -> None:
    actor = make_actor(Role.SCHOOL_ADMIN)
    for _each in range(5):
        token_for(actor)
    with pytest.raises(Invalid, match="上限"):
        token_for(actor)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        token_for(actor)


def test_duties_hold_for_tokens_too(settings: LazySettings) -> None:
    actor = make_actor(Role.SCHOOL_ADMIN)
    client = as_actor(actor)
    settings.REQUIRE_STAFF_MFA = True
    assert client.get("/api/v1/me/").json()["code"] == "must_set_up_totp"
    User.objects.filter(pk=actor.user_id).update(must_change_password=True)
    assert client.get("/api/v1/me/").json()["code"] == "must_change_password"


def test_a_session_opens_the_api_in_its_role_and_writes_need_the_csrf_token() -> None:
    member = MembershipFactory()
    client = Client(enforce_csrf_checks=True)
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/me/").json()["membership"] == member.pk
    assert client.post("/api/v1/invitations/", {}).status_code == 403
    assert not Invitation.objects.exists()


def test_a_person_without_a_role_gets_no_actor() -> None:
    client = Client()
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/me/").json()["code"] == "no_role"


def test_people_are_listed_in_reach_with_their_phone_masked() -> None:
    school = SchoolFactory()
    MembershipFactory(user=UserFactory(phone="13912345678"), role=Role.SCHOOL_ADMIN, organization=school)
    MembershipFactory(role=Role.SCHOOL_ADMIN)
    answer = as_actor(make_actor(Role.BUREAU_CLERK, school.parent)).get("/api/v1/users/").json()
    assert len(answer["results"]) == 2
    assert "139****5678" in str(answer)
    assert "13912345678" not in str(answer)


def test_the_separated_administrators_work_over_the_api_each_at_theirs() -> None:
    root = OrganizationFactory()
    bureau = BureauFactory(parent=root)
    system, security = (as_actor(make_actor(role, root)) for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN))
    made = system.post("/api/v1/users/", {"username": "newcomer", "name": "演示"})
    assert made.status_code == 201
    user = User.objects.get(pk=made.json()["id"])
    assert user.check_password(made.json()["password"])
    wish = {"user": user.pk, "role": "bureau_clerk", "organization": bureau.pk}
    assert system.post("/api/v1/memberships/", wish).json()["code"] == "not_allowed"
    assert security.post("/api/v1/users/", {"username": "other", "name": "演示"}).status_code == 403
    granted = security.post("/api/v1/memberships/", wish)
    assert granted.status_code == 201
    ended = security.post(f"/api/v1/memberships/{granted.json()['id']}/end/", {"reason": "调离"})
    assert ended.json()["ended_at"]
    shut = system.post(f"/api/v1/users/{user.pk}/deactivate/", {"reason": "离职"})
    assert shut.json()["is_active"] is False
    assert system.post(f"/api/v1/users/{user.pk}/reactivate/").json()["is_active"] is True


def test_an_unknown_organisation_and_one_out_of_sight_look_alike() -> None:
    security = as_actor(make_actor(Role.SECURITY_ADMIN))
    person = UserFactory()
    answers = [
        security.post(
            "/api/v1/memberships/", {"user": person.pk, "role": "expert", "organization": pk}
        ).json()
        for pk in (OrganizationFactory().pk, 999_999)
    ]
    assert [each["code"] for each in answers] == ["invalid", "invalid"]
    assert all(set(each["fields"]) == {"organization"} for each in answers)


def test_inviting_and_taking_back_over_the_api() -> None:
    school = SchoolFactory()
    clerk = as_actor(make_actor(Role.BUREAU_CLERK, school.parent))
    given = {"organization": school.pk, "role": "school_admin", "name": "演示王老师"}
    made = clerk.post("/api/v1/invitations/", given)
    assert made.status_code == 201
    assert "/accounts/invitation/" in made.json()["url"]
    assert clerk.post("/api/v1/invitations/", given | {"role": "bureau_approver"}).status_code == 403
    elsewhere = clerk.post("/api/v1/invitations/", given | {"organization": SchoolFactory().pk})
    assert (elsewhere.status_code, set(elsewhere.json()["fields"])) == (400, {"organization"})
    pk = made.json()["invitation"]["id"]
    assert clerk.post(f"/api/v1/invitations/{pk}/revoke/").json()["state"] == "revoked"
    assert clerk.post(f"/api/v1/invitations/{pk}/revoke/").json()["code"] == "wrong_state"
    assert clerk.get("/api/v1/invitations/").json()["results"][0]["state"] == "revoked"


@pytest.mark.parametrize("role", [Role.TRAINEE, Role.EXPERT, Role.AUDIT_ADMIN])
def test_strangers_find_nobody_over_the_api(role: Role) -> None:
    other = MembershipFactory(role=Role.SCHOOL_ADMIN)
    clerk = make_actor(Role.BUREAU_CLERK, other.organization.parent)
    invitation = invite(clerk, other.organization, role=Role.SCHOOL_ADMIN, name="演示").invitation
    client = as_actor(make_actor(role))
    for url in (f"users/{other.user_id}/", f"memberships/{other.pk}/", f"invitations/{invitation.pk}/"):
        assert client.get(f"/api/v1/{url}").status_code == 404
    assert client.post(f"/api/v1/users/{other.user_id}/deactivate/", {"reason": "x"}).status_code == 404
    assert client.post(f"/api/v1/memberships/{other.pk}/end/", {"reason": "x"}).status_code == 404
    assert client.post(f"/api/v1/invitations/{invitation.pk}/revoke/").status_code == 404
    assert Membership.objects.current().filter(pk=other.pk).exists()


@pytest.mark.parametrize("url", ["/api/v1/users/", "/api/v1/memberships/", "/api/v1/invitations/"])
def test_lists_cost_the_same_for_one_row_and_for_three(url: str, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    school = SchoolFactory()
    actor = make_actor(Role.BUREAU_CLERK, school.parent)
    client = as_actor(actor)
    client.get(url)
    # the token with its person, their duties and roles; then the list (people: and their roles)
    expected = 4 if url == "/api/v1/users/" else 3
    for rows in (1, 3):
        while Membership.objects.filter(organization=school).count() < rows:
            MembershipFactory(role=Role.SCHOOL_ADMIN, organization=school)
            invite(actor, school, role=Role.SCHOOL_ADMIN, name="演示")
        with django_assert_num_queries(expected):
            assert len(client.get(url).json()["results"]) >= rows


def test_a_carer_resets_password_and_second_factor() -> None:
    school = SchoolFactory()
    clerk = as_actor(make_actor(Role.BUREAU_CLERK, school.parent))
    admin = MembershipFactory(role=Role.SCHOOL_ADMIN, organization=school).user
    answer = clerk.post(f"/api/v1/users/{admin.pk}/reset_password/")
    assert answer.status_code == 200
    user = User.objects.get(pk=admin.pk)
    assert (user.check_password(answer.json()["password"]), user.must_change_password) == (True, True)
    path = f"/api/v1/users/{admin.pk}/reset_second_factor/"
    assert clerk.post(path, {"reason": "换手机"}, format="json").status_code == 409
    Authenticator.objects.create(user=admin, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert clerk.post(path, {}, format="json").status_code == 400
    assert clerk.post(path, {"reason": "换手机"}, format="json").status_code == 200
    assert not Authenticator.objects.filter(user=admin).exists()


def test_nobody_else_resets_them() -> None:
    school = SchoolFactory()
    admin = MembershipFactory(role=Role.SCHOOL_ADMIN, organization=school).user
    neighbour = as_actor(make_actor(Role.BUREAU_CLERK, BureauFactory()))
    auditor = as_actor(make_actor(Role.AUDIT_ADMIN, school.parent.parent))
    for client in (neighbour, auditor):
        for act in ("reset_password", "reset_second_factor"):
            answer = client.post(f"/api/v1/users/{admin.pk}/{act}/", {"reason": "x"}, format="json")
            assert answer.status_code in {403, 404}, act
    assert not User.objects.get(pk=admin.pk).must_change_password
