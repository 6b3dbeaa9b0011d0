"""Where a request comes from, as far as it can be trusted."""

from __future__ import annotations

from ipaddress import ip_address

import structlog
from django.conf import settings
from django.http import HttpRequest

MAX_AGENT = 200


def client_ip(request: HttpRequest) -> str | None:
    """Return the client's address, or None when there is none.

    X-Forwarded-For can be written by anybody: only the entries that our own proxies added (settings.PROXIES many,
    counted from the right) are believed.
    """
    hops: list[str] = [each.strip() for each in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    proxies: int = settings.PROXIES
    if proxies and len(hops) >= proxies and _is_address(hops[-proxies]):
        return hops[-proxies]
    remote: str = request.META.get("REMOTE_ADDR", "")
    return remote if _is_address(remote) else None


def client_agent(request: HttpRequest) -> str:
    """Return the browser's own description, shortened."""
    agent: str = request.META.get("HTTP_USER_AGENT", "")
    return agent[:MAX_AGENT]


def request_id() -> str:
    """Return the number under which the logs keep this request, "" outside one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
