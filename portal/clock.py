"""Business time: what deadlines look at. Real time, except in the demo, whose clock can be moved.

Sign-in, sessions and audit keep real time (`django.utils.timezone.now`).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import cast

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from portal.memo import once_a_page

_CACHE_KEY = "demo-clock-seconds"


def now() -> datetime:
    """Return the business time as an aware datetime."""
    return timezone.now() + _demo_offset()


def today() -> date:
    """Return the business date in Asia/Shanghai."""
    return timezone.localdate(now())


def end_of(day: date) -> datetime:
    """Return the last moment of `day` in Asia/Shanghai: a due date means the end of that day there."""
    return timezone.make_aware(datetime.combine(day, time.max))


def start_of(day: date) -> datetime:
    """Return the first moment of `day` in Asia/Shanghai."""
    return timezone.make_aware(datetime.combine(day, time.min))


def move_demo(to: datetime) -> None:
    """Make the business time `to`; it ticks on from there. Only the demo has such a clock."""
    if not settings.DEMO:
        raise RuntimeError("only a demo (DEMO=1) has a clock that can be moved")
    seconds = (to - timezone.now()).total_seconds()
    apps.get_model("rulebook", "DemoClock").objects.update_or_create(
        pk=1, defaults={"offset_seconds": seconds}
    )
    cache.set(_CACHE_KEY, seconds, timeout=None)


@once_a_page
def _demo_offset() -> timedelta:
    if not settings.DEMO:
        return timedelta()
    seconds = cast("float | None", cache.get(_CACHE_KEY))
    if seconds is None:
        row = (
            apps.get_model("rulebook", "DemoClock")
            .objects.filter(pk=1)
            .values_list("offset_seconds", flat=True)
        )
        seconds = float(row.first() or 0)
        cache.set(_CACHE_KEY, seconds, timeout=None)
    return timedelta(seconds=seconds)
