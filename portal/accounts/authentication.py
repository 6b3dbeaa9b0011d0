"""How the API learns who calls and in which role: a session of the pages, or a token with `X-Membership`.

This module must not import rest_framework.views: that reads the settings which name the classes here.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from portal.accounts.current import actor_in, memberships_of
from portal.accounts.duties import duty_of
from portal.accounts.models import ApiToken, Membership, User
from portal.accounts.services.tokens import note_use, token_digest

KEYWORD = "token"
MEMBERSHIP = "X-Membership"


class ActorSessionAuthentication(SessionAuthentication):
    """The role is the one the person has chosen on the pages."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        found = super().authenticate(request)
        if found is not None:
            _require_ready(found[0])
            if request._request.actor is None:  # type: ignore[attr-defined]
                raise PermissionDenied(_("您目前没有任何角色，请联系本单位管理员。"), code="no_role")
        return found


class ActorTokenAuthentication(BaseAuthentication):
    """`Authorization: Token …`; a person of several roles names one by its key in `X-Membership`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the token's person and the token, and set `request.actor`; None when no token was sent."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != KEYWORD.encode():
            return None
        token = _valid_token(parts)
        _require_ready(token.user)
        membership = _chosen(memberships_of(token.user), request.headers.get(MEMBERSHIP, ""))
        request._request.actor = actor_in(request._request, membership)  # type: ignore[attr-defined]
        note_use(token, timezone.now())
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Token"


def _valid_token(parts: list[bytes]) -> ApiToken:
    text = parts[1].decode(errors="replace") if len(parts) == 2 else ""
    found = ApiToken.objects.valid(timezone.now()).filter(digest=token_digest(text), user__is_active=True)
    token = found.select_related("user").first()
    if token is None:
        raise AuthenticationFailed(
            _("令牌无效、已过期或已撤销，请在“我的账号”中重新创建。"), code="bad_token"
        )
    return token


def _chosen(held: list[Membership], wanted: str) -> Membership:
    """The role named by `wanted`, or the only one there is."""
    if not wanted and len(held) == 1:
        return held[0]
    for each in held:
        if str(each.pk) == wanted:
            return each
    message = _("请在请求头 X-Membership 中写明以哪个角色操作（编号见 /api/v1/me/），且须是您现任的角色。")
    raise PermissionDenied(message, code="choose_membership")


def _require_ready(user: User) -> None:
    duty = duty_of(user)
    if duty is not None:
        raise PermissionDenied(str(duty.message), code=duty.code)
