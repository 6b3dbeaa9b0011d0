"""Whether this process can do its work: asked by containers, balancers and `bin/run`."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

KEY_SECONDS = 10


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Return each part's state and milliseconds; 200 when all work, else 503. Names no reason: anybody may ask."""
    parts = {"database": _check(_database), "cache": _check(_cache)}
    healthy = all(part["ok"] for part in parts.values())
    return JsonResponse({"ok": healthy, "parts": parts}, status=200 if healthy else 503)


def _check(ask: Callable[[], None]) -> dict[str, bool | float]:
    from django.db import Error

    began = time.perf_counter()
    try:
        ask()
    except (Error, RedisError, OSError):
        return {"ok": False}
    return {"ok": True, "milliseconds": round((time.perf_counter() - began) * 1000, 1)}


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> None:
    key = f"healthz:{secrets.token_hex(8)}"
    cache.set(key, "1", KEY_SECONDS)
    if cache.get(key) != "1":
        raise OSError("the cache does not give back what it was given")
