"""How allauth signs people in here: nobody signs up, passwords keep their history, secrets rest encrypted."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal import crypto
from portal.accounts.client import client_ip, request_id
from portal.accounts.duties import needs_totp
from portal.accounts.models import User
from portal.accounts.services.passwords import set_password
from portal.operations import audit
from portal.operations.actor import Actor
from portal.operations.models import Outcome

PASSWORD_CHANGED = audit.Event("accounts.change_password", _("修改密码"))


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come from invitations, registration codes and the system administrator only."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave counting wrong passwords to axes, which says until when the account is locked."""

    def set_password(self, user: User, password: str) -> None:
        """Set the password that its owner chose, and put that on record."""
        set_password(user, password)
        actor = Actor(name=str(user), user=user, ip=client_ip(self.request), request_id=request_id())
        audit.happened(PASSWORD_CHANGED, actor, user, outcome=Outcome.DONE)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request) or ""

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:me")


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Where the second factor is required, staff can replace it only through the system administrator."""
        return not (settings.REQUIRE_STAFF_MFA and needs_totp(authenticator.user))

    def get_totp_label(self, user: User) -> str:
        return user.username
