"""Celery's side of the outbox."""

from __future__ import annotations

from portal.celery import periodic
from portal.messages import sending


@periodic(seconds=15)
def send_dispatches() -> None:
    """Send what waits outside. The act that wrote it never needs the broker."""
    sending.send_due()
