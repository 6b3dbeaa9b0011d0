"""Those of allauth's pages that the portal has: no sign-up, no list of e-mail addresses."""

from allauth.account.urls import urlpatterns as account_patterns
from django.urls import URLPattern, URLResolver, include, path

KEPT = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}

urlpatterns: list[URLPattern | URLResolver] = [
    *(each for each in account_patterns if each.name in KEPT),
    path("2fa/", include("allauth.mfa.urls")),
]
