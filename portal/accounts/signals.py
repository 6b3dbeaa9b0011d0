"""Every attempt to sign in leaves a trace: for the person, and for the audit. Real time."""

from __future__ import annotations

from typing import Any

from allauth.mfa.signals import authentication_failed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.accounts import idle
from portal.accounts.client import client_agent, client_ip, request_id
from portal.accounts.models import SignIn, User
from portal.operations import audit
from portal.operations.actor import Actor
from portal.operations.audit import Event
from portal.operations.models import Outcome

SIGN_IN_KEY = "sign_in"
SIGNED_IN = Event("accounts.sign_in", _("登录"))
SIGNED_OUT = Event("accounts.sign_out", _("退出"))
SECOND_FACTOR = Event("accounts.second_factor", _("动态口令验证"))


@receiver(user_logged_in)
def remember_sign_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Note the sign-in and which session it opened."""
    row = SignIn.objects.create(
        user=user,
        ip=client_ip(request),
        agent=client_agent(request),
        succeeded=True,
        session_key=request.session.session_key or "",
    )
    request.session[SIGN_IN_KEY] = row.pk
    idle.note(request)
    audit.happened(SIGNED_IN, _actor(request, user), user, outcome=Outcome.DONE)


@receiver(user_logged_out)
def remember_sign_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Note the sign-out; its session is no longer listed."""
    if user is None:
        return
    SignIn.objects.filter(user=user, session_key=request.session.session_key or None).update(session_key="")
    audit.happened(SIGNED_OUT, _actor(request, user), user, outcome=Outcome.DONE)


@receiver(user_login_failed)
def remember_failure(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """Note a wrong password; what was typed as the name of nobody is not kept: it may be a password."""
    if request is None:
        return
    user = User.objects.filter(username=credentials.get("username") or "").first()
    if user is not None:
        _failed(request, user)
    audit.happened(SIGNED_IN, _actor(request, user), user, outcome=Outcome.REFUSED)


@receiver(authentication_failed)
def remember_wrong_code(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Note a wrong second factor: whoever sends it knows the password."""
    _failed(request, user)
    audit.happened(SECOND_FACTOR, _actor(request, user), user, outcome=Outcome.REFUSED)


def _failed(request: HttpRequest, user: User) -> None:
    SignIn.objects.create(user=user, ip=client_ip(request), agent=client_agent(request), succeeded=False)


def _actor(request: HttpRequest, user: User | None) -> Actor:
    name = str(user) if user else str(_("未知用户"))
    return Actor(name=name, user=user, ip=client_ip(request), request_id=request_id())
