"""Sessions: idleness, the current role, ending them elsewhere."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from portal.accounts.models import Membership, SignIn
from portal.accounts.roles import Role
from portal.accounts.services.users import deactivate_user
from tests.accounts.test_sign_in import sign_in
from tests.factories import MembershipFactory, SchoolFactory, make_actor

pytestmark = pytest.mark.django_db
ME = "/accounts/me/"


@pytest.fixture
def member() -> Membership:
    return MembershipFactory()


@pytest.fixture
def client(member: Membership) -> Client:
    client = Client()
    sign_in(client, member.user.username)
    return client


def later(**how: int) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(**how), tick=False)


def test_an_idle_session_ends_and_leads_back_after_signing_in(client: Client) -> None:
    with later(minutes=29):
        assert client.get(ME).status_code == 200
    with later(minutes=58):
        assert client.get(ME).status_code == 200, "each page starts the time anew"
    with later(minutes=89):
        response = client.get(ME + "?tab=1")
        assert response.status_code == 302
        assert response["Location"] == "/account/login/?next=/accounts/me/%3Ftab%3D1"
        assert "自动退出" in str(next(iter(get_messages(response.wsgi_request))).message)
        assert not client.session.get("_auth_user_id")


def test_an_idle_form_leads_to_the_desk_not_to_its_post_address(client: Client) -> None:
    with later(minutes=31):
        assert client.post("/accounts/switch/")["Location"] == "/account/login/?next=/"


def test_an_idle_call_to_the_api_is_answered_by_a_code(client: Client) -> None:
    with later(minutes=31):
        assert client.get("/api/v1/me/").status_code in {401, 403}


def test_idle_minutes_are_a_setting(client: Client, settings: LazySettings) -> None:
    settings.IDLE_MINUTES = 5
    assert 290 <= int(client.get(ME)["X-Session-Expires-In"]) <= 300
    with later(minutes=6):
        assert client.get(ME).status_code == 302


def test_a_page_that_asks_by_itself_keeps_no_session_alive(client: Client) -> None:
    with later(minutes=20):
        assert client.get(ME, headers={"X-Background": "1"}).status_code == 200
    with later(minutes=31):
        assert client.get(ME).status_code == 302


def test_saying_that_one_is_here_keeps_the_session_alive(client: Client) -> None:
    with later(minutes=20):
        assert client.post("/accounts/stay/").status_code == 204
    with later(minutes=31):
        assert client.get(ME).status_code == 200
    assert Client().post("/accounts/stay/").status_code == 403


def test_switching_changes_the_role_and_the_key(client: Client, member: Membership) -> None:
    other = MembershipFactory(user=member.user, role=Role.SCHOOL_ADMIN)
    assert client.get(ME).wsgi_request.actor.membership_id == member.pk  # type: ignore[attr-defined]
    before = client.session.session_key
    response = client.post("/accounts/switch/", {"membership": other.pk, "next": ME})
    assert response["Location"] == ME
    assert client.session.session_key != before
    assert client.get(ME).wsgi_request.actor.membership_id == other.pk  # type: ignore[attr-defined]
    assert SignIn.objects.get(user=member.user).session_key == client.session.session_key


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_switching_leads_only_to_our_own_pages(client: Client, member: Membership, target: str) -> None:
    response = client.post("/accounts/switch/", {"membership": member.pk, "next": target})
    assert response["Location"] == "/"


def test_nobody_switches_into_anothers_role_or_an_ended_one(client: Client, member: Membership) -> None:
    ended = MembershipFactory(user=member.user, role=Role.SCHOOL_ADMIN, ended_at=timezone.now())
    unused = MembershipFactory(
        user=member.user, role=Role.SCHOOL_ADMIN, organization=SchoolFactory(active=False)
    )
    for wanted in (MembershipFactory().pk, ended.pk, unused.pk, "", "x"):
        assert client.post("/accounts/switch/", {"membership": wanted}).status_code == 404
    assert client.get(ME).wsgi_request.actor.membership_id == member.pk  # type: ignore[attr-defined]
    assert client.get("/accounts/switch/").status_code == 405


def test_an_ended_role_is_over_with_the_next_request(client: Client, member: Membership) -> None:
    other = MembershipFactory(user=member.user, role=Role.SCHOOL_ADMIN)
    Membership.objects.filter(pk=member.pk).update(ended_at=timezone.now())
    assert client.get(ME).wsgi_request.actor.membership_id == other.pk  # type: ignore[attr-defined]
    Membership.objects.filter(pk=other.pk).update(ended_at=timezone.now())
    assert client.get(ME).status_code == 403


def test_strangers_and_people_without_a_role_have_no_actor() -> None:
    assert Client().get("/account/login/").wsgi_request.actor is None  # type: ignore[attr-defined]


def test_one_ends_ones_other_sessions(client: Client, member: Membership) -> None:
    elsewhere, third = Client(), Client()
    sign_in(elsewhere, member.user.username)
    sign_in(third, member.user.username)
    row = SignIn.objects.get(session_key=elsewhere.session.session_key)
    assert client.post(f"/accounts/me/sessions/{row.pk}/end/").status_code == 302
    assert elsewhere.get(ME).status_code == 302
    assert third.get(ME).status_code == 200
    client.post("/accounts/me/sessions/end-others/")
    assert third.get(ME).status_code == 302
    page = client.get(ME)
    assert page.status_code == 200
    assert [each.current for each in page.context["sessions"]] == [True]


def test_nobody_ends_anothers_session(client: Client) -> None:
    stranger, other = Client(), MembershipFactory()
    sign_in(stranger, other.user.username)
    row = SignIn.objects.get(user=other.user)
    assert client.post(f"/accounts/me/sessions/{row.pk}/end/").status_code == 404
    assert stranger.get(ME).status_code == 200


def test_shutting_an_account_ends_its_sessions(client: Client, member: Membership) -> None:
    system = make_actor(Role.SYSTEM_ADMIN, member.organization.parent)
    deactivate_user(system, member.user, reason="离职")
    assert not SignIn.objects.filter(user=member.user).exclude(session_key="").exists()
    assert client.get(ME).status_code == 302
