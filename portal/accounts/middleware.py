"""Guards the session, and gives each request its actor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from portal.accounts import idle
from portal.accounts.current import SESSION_KEY, actor_in, memberships_of, pick
from portal.accounts.duties import duty_of
from portal.accounts.services.sessions import follow_session
from portal.accounts.signals import SIGN_IN_KEY

Answer = Callable[[HttpRequest], HttpResponse]
# Seconds until the session ends; the page's script warns before.
EXPIRES_IN = "X-Session-Expires-In"


class SessionGuardMiddleware:
    """Ends idle sessions, and leads people to what they must do first."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        response = self.get_response(request)
        if request.user.is_authenticated:
            _follow(request, key)
            response[EXPIRES_IN] = str(idle.left(request.session))
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Before the view, and after all middlewares, so that messages and htmx are there."""
        if not request.user.is_authenticated:
            return None
        if idle.left(request.session) < 0:
            return _end_idle(request)
        idle.note(request)
        return None if _is_api(request) else _first_things(request)


class ActorMiddleware:
    """Sets `request.actor` (None for strangers and people without a role) and `request.memberships`. One query."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor, request.memberships = None, []  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            held = memberships_of(request.user)
            current = pick(held, request.session.get(SESSION_KEY))
            request.memberships = held  # type: ignore[attr-defined]
            request.actor = actor_in(request, current) if current else None  # type: ignore[attr-defined]
        return self.get_response(request)


def _follow(request: HttpRequest, before: str | None) -> None:
    """A session that got a new key is still the session of its sign-in."""
    sign_in, key = request.session.get(SIGN_IN_KEY), request.session.session_key
    if sign_in and key and before and key != before:
        follow_session(sign_in, key)


def _end_idle(request: HttpRequest) -> HttpResponse | None:
    logout(request)
    request.actor, request.memberships = None, []  # type: ignore[attr-defined]
    if _is_api(request):
        return None
    messages.info(request, _("您已较长时间没有操作，为保护账号已自动退出。请重新登录，将回到刚才的页面。"))
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")


def _first_things(request: HttpRequest) -> HttpResponse | None:
    duty = duty_of(request.user)  # type: ignore[arg-type]
    match = request.resolver_match
    if duty is None or match is None or match.view_name in duty.allowed:
        return None
    messages.warning(request, str(duty.message))
    return redirect(duty.url_name)


def _is_api(request: HttpRequest) -> bool:
    """The API answers with a code instead of a page (see authentication.py)."""
    return request.path.startswith("/api/")
