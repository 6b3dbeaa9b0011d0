"""What a person sees whose account is locked after too many wrong passwords: until when, and what to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off
from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

TOO_MANY = 429


def locked_page(
    request: HttpRequest, original: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Answer a locked-out attempt; `until` and `minutes` tell when the next one is possible."""
    until = locked_until(request, credentials)
    seconds = max((until - timezone.now()).total_seconds(), 0)
    context = {
        "until": until,
        "minutes": max(ceil(seconds / 60), 1),
        "failure_limit": settings.AXES_FAILURE_LIMIT,
        "cooloff_timedelta": get_cool_off(request),
    }
    response = render(request, settings.AXES_LOCKOUT_TEMPLATE, context, status=TOO_MANY)
    response["Retry-After"] = str(ceil(seconds))
    return response


def locked_until(request: HttpRequest, credentials: dict[str, Any] | None) -> datetime:
    """When the latest failure that counts will be forgotten."""
    handler = AxesProxyHandler.get_implementation()
    latest = [
        rows.aggregate(at=Max("attempt_time"))["at"]
        for rows in handler.get_user_attempts(request, credentials)
    ]
    begun: datetime = max((each for each in latest if each), default=timezone.now())
    cool_off: timedelta = get_cool_off(request)
    return begun + cool_off
