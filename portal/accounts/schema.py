"""How the API's schema names the two ways of proving who one is."""

from __future__ import annotations

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class ActorSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]
    target_class = "portal.accounts.authentication.ActorSessionAuthentication"
    name = "session"


class ActorTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "portal.accounts.authentication.ActorTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Token <令牌>；身兼数职者另加请求头 X-Membership: <任职编号>",
        }
