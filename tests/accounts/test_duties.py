"""What comes first: changing a one-time password, setting up the second factor."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from portal.accounts.duties import CHANGE_PASSWORD, SET_UP_TOTP, duty_of
from portal.accounts.models import SignIn, User
from portal.accounts.roles import Role
from portal.operations.models import AuditEntry
from tests.accounts.test_sign_in import sign_in
from tests.factories import PASSWORD, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
ME = "/accounts/me/"


def code(secret: str) -> str:
    return f"{hotp_value(secret, next(yield_hotp_counters_from_time())):06d}"


def test_a_one_time_password_is_changed_before_anything_else() -> None:
    member, client = MembershipFactory(user=UserFactory(must_change_password=True)), Client()
    sign_in(client, member.user.username)
    for url in (ME, "/", reverse("accounts:users")):
        assert client.get(url)["Location"] == reverse("account_change_password")
    refused = client.get("/api/v1/me/")
    assert (refused.status_code, refused.json()["code"]) == (403, "must_change_password")
    given = {"oldpassword": PASSWORD, "password1": "Fresh-Word-123", "password2": "Fresh-Word-123"}
    assert client.post(reverse("account_change_password"), given).status_code == 302
    assert client.get(ME).status_code == 200


def test_signing_out_is_always_possible() -> None:
    member, client = MembershipFactory(user=UserFactory(must_change_password=True)), Client()
    sign_in(client, member.user.username)
    assert client.post("/account/logout/").status_code == 302
    assert client.get(ME)["Location"].startswith("/account/login/")


@pytest.mark.parametrize(
    ("role", "required", "duty"),
    [
        (Role.BUREAU_CLERK, True, SET_UP_TOTP),
        (Role.AUDIT_ADMIN, True, SET_UP_TOTP),
        (Role.TRAINEE, True, None),
        (Role.BUREAU_CLERK, False, None),
    ],
)
def test_the_second_factor_is_required_of_staff_where_the_setting_says_so(
    role: Role, required: bool, duty: object, settings: LazySettings
) -> None:
    settings.REQUIRE_STAFF_MFA = required
    assert duty_of(MembershipFactory(role=role).user) == duty


def test_the_password_comes_before_the_second_factor(settings: LazySettings) -> None:
    settings.REQUIRE_STAFF_MFA = True
    assert duty_of(MembershipFactory(user=UserFactory(must_change_password=True)).user) == CHANGE_PASSWORD


def test_staff_set_up_the_second_factor_and_then_work(settings: LazySettings) -> None:
    settings.REQUIRE_STAFF_MFA = True
    member, client = MembershipFactory(), Client()
    sign_in(client, member.user.username)
    activate = reverse("mfa_activate_totp")
    assert client.get(ME)["Location"] == activate
    assert client.get("/api/v1/me/").json()["code"] == "must_set_up_totp"
    again = client.get(activate)["Location"]
    assert again.startswith(reverse("account_reauthenticate")), "the password is asked once more"
    page = client.post(again, {"password": PASSWORD}, follow=True)
    assert page.status_code == 200
    secret = page.context["form"].secret
    assert client.post(activate, {"code": code(secret)}).status_code == 302
    assert client.get(ME).status_code == 200
    stored = Authenticator.objects.get(user=member.user, type=Authenticator.Type.TOTP)
    assert secret not in str(stored.data), "the secret rests encrypted"


def test_where_it_is_required_staff_cannot_take_it_off(settings: LazySettings) -> None:
    settings.REQUIRE_STAFF_MFA = True
    member, client = MembershipFactory(), Client()
    TOTP.activate(member.user, generate_totp_secret())
    client.force_login(member.user)
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=member.user).exists()


def with_totp() -> tuple[User, str]:
    user, secret = MembershipFactory().user, generate_totp_secret()
    TOTP.activate(user, secret)
    return user, secret


def test_signing_in_asks_for_the_second_factor() -> None:
    user, secret = with_totp()
    client = Client()
    response = sign_in(client, user.username)
    assert response["Location"].startswith(reverse("mfa_authenticate"))
    assert client.get(ME).status_code == 302, "the password alone opens nothing"
    assert client.post(reverse("mfa_authenticate"), {"code": code(secret)}).status_code == 302
    assert client.get(ME).status_code == 200


def test_a_wrong_code_is_on_record_for_the_person_and_the_audit() -> None:
    user, _secret = with_totp()
    client = Client()
    sign_in(client, user.username)
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert SignIn.objects.filter(user=user, succeeded=False).count() == 1
    assert AuditEntry.objects.filter(operation="accounts.second_factor", user=user).count() == 1


def test_codes_cannot_be_guessed_at_will() -> None:
    user, secret = with_totp()
    client = Client()
    sign_in(client, user.username)
    for _guess in range(6):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert client.post(reverse("mfa_authenticate"), {"code": code(secret)}).status_code != 302
