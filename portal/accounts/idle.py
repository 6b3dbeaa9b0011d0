"""When a session that nobody uses ends. Real time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest

SEEN = "seen_at"
# Seconds: a session is written at most this often only for having been used.
NOTED_EVERY = 60
# A page that asks by itself (progress of a job) sends this header: nobody need be sitting before it.
BACKGROUND = "X-Background"


def limit() -> int:
    """Seconds without a request after which a session ends."""
    return int(settings.IDLE_MINUTES) * 60


def left(session: SessionBase) -> int:
    """Seconds until the session ends if nothing more is asked; below zero when it is over."""
    return int(session.get(SEEN, time.time()) + limit() - time.time())


def note(request: HttpRequest) -> None:
    """Remember that the person is here, unless the page asked by itself."""
    now = int(time.time())
    if BACKGROUND in request.headers or now - request.session.get(SEEN, 0) < NOTED_EVERY:
        return
    request.session[SEEN] = now
