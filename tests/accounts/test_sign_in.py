"""Signing in through the page: sessions, traces, lockout, addresses to go on to."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import SignIn
from portal.accounts.roles import Role
from portal.operations.models import AuditEntry, Outcome
from tests.factories import PASSWORD, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"
AGENT = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"


def sign_in(client: Client, username: str, password: str = PASSWORD, **extra: str):  # type: ignore[no-untyped-def]
    return client.post(
        LOGIN, {"login": username, "password": password, **extra}, headers={"User-Agent": AGENT}
    )


def test_a_person_signs_in_and_sees_the_trace() -> None:
    member, client = MembershipFactory(), Client()
    response = sign_in(client, member.user.username)
    assert (response.status_code, response["Location"]) == (302, "/")
    row = SignIn.objects.get(user=member.user)
    assert (row.succeeded, row.ip, row.agent) == (True, "127.0.0.1", AGENT)
    assert row.session_key == client.session.session_key
    entry = AuditEntry.objects.get(operation="accounts.sign_in")
    assert (entry.outcome, entry.user) == (Outcome.DONE, member.user)
    assert "Firefox · Windows" in client.get(reverse("accounts:me")).content.decode()


def test_a_wrong_password_is_shown_to_the_person_it_concerns() -> None:
    user, client = UserFactory(), Client()
    assert sign_in(client, user.username, "wrong").status_code == 200
    assert not SignIn.objects.get(user=user).succeeded
    assert AuditEntry.objects.get(operation="accounts.sign_in").outcome == Outcome.REFUSED


def test_what_was_typed_as_the_name_of_nobody_is_kept_nowhere_in_the_audit() -> None:
    sign_in(Client(), "My-Secret-Password-1", "x")
    entry = AuditEntry.objects.get(operation="accounts.sign_in")
    assert entry.user_id is None
    assert "My-Secret-Password-1" not in str(AuditEntry.objects.values())


def test_the_answer_does_not_tell_whether_the_name_exists() -> None:
    user = UserFactory(username="exists")
    pages = [sign_in(Client(), name, "wrong").content.decode() for name in (user.username, "absent")]
    assert pages[0].replace("exists", "").count("alert") == pages[1].replace("absent", "").count("alert")
    assert all("用户名" in page for page in pages)


def test_a_session_key_planted_before_is_not_the_key_after() -> None:
    member, client = MembershipFactory(), Client()
    session = client.session
    session["planted"] = "1"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    assert sign_in(client, member.user.username).status_code == 302
    assert client.session.session_key != planted
    stale = Client()
    stale.cookies["sessionid"] = planted
    assert stale.get(reverse("accounts:me")).status_code == 302


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/accounts/me/", "/accounts/me/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\\evil.example/", "/"),
    ],
)
def test_signing_in_leads_only_to_our_own_pages(wanted: str, led_to: str) -> None:
    assert sign_in(Client(), MembershipFactory().user.username, next=wanted)["Location"] == led_to


def test_a_form_without_its_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, MembershipFactory().user.username).status_code == 403
    assert "sessionid" not in client.cookies


def test_five_wrong_passwords_lock_the_account_and_the_page_says_until_when() -> None:
    user, client = UserFactory(), Client()
    with time_machine.travel("2026-03-02T01:00:00+00:00", tick=False):
        for _attempt in range(4):
            assert sign_in(client, user.username, "wrong").status_code == 200
        locked = sign_in(client, user.username, "wrong")
        assert locked.status_code == 429
        assert locked.context["minutes"] == 15
        assert locked["Retry-After"] == "900"
    with time_machine.travel("2026-03-02T01:10:00+00:00", tick=False):
        locked = sign_in(client, user.username)
        assert locked.status_code == 429, "even the right password"
        assert locked.context["minutes"] == 5
        assert timezone.localtime(locked.context["until"]).strftime("%H:%M") == "09:15"
        assert "2026-03-02 09:15之后（约5分钟）" in locked.content.decode()
    with time_machine.travel("2026-03-02T01:15:01+00:00", tick=False):
        assert sign_in(client, user.username).status_code == 302


def test_a_lock_holds_for_its_name_and_place_only() -> None:
    locked, other = UserFactory(), UserFactory()
    for _attempt in range(5):
        sign_in(Client(), locked.username, "wrong")
    assert sign_in(Client(), locked.username).status_code == 429
    assert sign_in(Client(), other.username).status_code == 302


def test_too_many_attempts_from_one_address_are_told_to_wait(settings: LazySettings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    for name in ("one", "two"):
        assert sign_in(Client(), name, "wrong").status_code == 200
    answer = sign_in(Client(), "three", "wrong")
    assert answer.status_code == 429
    assert "过于频繁" in answer.content.decode()


def test_a_success_forgets_the_failures_before() -> None:
    user = UserFactory()
    for _round in range(2):
        for _attempt in range(4):
            assert sign_in(Client(), user.username, "wrong").status_code == 200
        assert sign_in(Client(), user.username).status_code == 302


def test_a_shut_account_does_not_sign_in_and_its_sessions_are_over() -> None:
    member, client = MembershipFactory(), Client()
    sign_in(client, member.user.username)
    type(member.user).objects.filter(pk=member.user_id).update(is_active=False)
    assert client.get(reverse("accounts:me")).status_code == 302
    assert sign_in(Client(), member.user.username).status_code == 200


def test_nobody_signs_up() -> None:
    assert Client().get("/account/signup/").status_code == 404


def test_signing_out_leaves_a_trace_and_no_session() -> None:
    member, client = MembershipFactory(), Client()
    sign_in(client, member.user.username)
    assert client.get("/account/logout/").status_code == 200, "asking is not enough"
    client.post("/account/logout/")
    assert not SignIn.objects.exclude(session_key="").exists()
    assert AuditEntry.objects.filter(operation="accounts.sign_out", user=member.user).exists()
    assert client.get(reverse("accounts:me")).status_code == 302


def test_a_person_changes_their_password_and_other_sessions_end() -> None:
    member, client, elsewhere = MembershipFactory(), Client(), Client()
    sign_in(client, member.user.username)
    sign_in(elsewhere, member.user.username)
    change = reverse("account_change_password")
    given = {"oldpassword": PASSWORD, "password1": "Fresh-Word-123", "password2": "Fresh-Word-123"}
    assert client.post(change, given | {"password1": PASSWORD, "password2": PASSWORD}).status_code == 200
    response = client.post(change, given)
    assert (response.status_code, response["Location"]) == (302, reverse("accounts:me"))
    assert client.get(reverse("accounts:me")).status_code == 200
    assert elsewhere.get(reverse("accounts:me")).status_code == 302
    assert AuditEntry.objects.filter(operation="accounts.change_password").count() == 1


def test_a_forgotten_password_is_set_anew_by_mail_and_unknown_addresses_get_none() -> None:
    member = MembershipFactory(user=UserFactory(email="teacher@example.org"), role=Role.SCHOOL_ADMIN)
    client = Client()
    for address in ("teacher@example.org", "nobody@example.org"):
        assert client.post("/account/password/reset/", {"email": address}).status_code == 302
    assert [message.to for message in mail.outbox] == [["teacher@example.org"]]
    link = next(word for word in str(mail.outbox[0].body).split() if "/password/reset/key/" in word)
    page = client.get(link, follow=True)
    page = client.post(
        page.request["PATH_INFO"], {"password1": "Fresh-Word-123", "password2": "Fresh-Word-123"}
    )
    assert page.status_code == 302
    member.user.refresh_from_db()
    assert member.user.check_password("Fresh-Word-123")
    assert timezone.now() - member.user.password_changed_at < timedelta(minutes=5)
