"""Sending what the outbox holds: at least once, and by one worker at a time.

A row is claimed by a conditional update, sent, and marked. A worker that dies between sending and marking leaves its claim;
after CLAIM_HELD the row is taken again, so that such a message may arrive twice but is never lost. All times are real.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.messages.adapters import SendFailed, Undeliverable, adapter_for
from portal.messages.models import Dispatch, DispatchState
from portal.messages.privacy import without_id_numbers

logger = logging.getLogger(__name__)

CLAIM_HELD = timedelta(minutes=10)
MAX_ATTEMPTS = 5
BATCH = 200


def backoff(attempts: int) -> timedelta:
    """How long to wait after the failed attempt number `attempts`: 1, 4, 16, 64 minutes."""
    return timedelta(minutes=4 ** (attempts - 1))


def due() -> QuerySet[Dispatch]:
    """What may be claimed now: waiting and not put off, or claimed by a worker that is taken to be dead."""
    now = timezone.now()
    ready = Q(state=DispatchState.WAITING) & (Q(not_before=None) | Q(not_before__lte=now))
    return Dispatch.objects.filter(ready | Q(state=DispatchState.SENDING, claimed_at__lt=now - CLAIM_HELD))


def send_due() -> int:
    """Send at most BATCH of what is due; return how many went out. Harmless when several run at once."""
    _give_up()
    keys = list(due().order_by("pk").values_list("pk", flat=True)[:BATCH])
    return sum(_send(claimed) for claimed in map(_claim, keys) if claimed is not None)


def _give_up() -> None:
    """End what died in its last attempt: nobody can know whether it went out."""
    lost = due().filter(state=DispatchState.SENDING, attempts__gte=MAX_ATTEMPTS)
    lost.update(state=DispatchState.FAILED, error=_("多次发送中断，已停止重试"))


def _claim(key: int) -> Dispatch | None:
    mine = (
        due()
        .filter(pk=key)
        .update(state=DispatchState.SENDING, claimed_at=timezone.now(), attempts=F("attempts") + 1)
    )
    return Dispatch.objects.select_related("message").get(pk=key) if mine else None


def _send(dispatch: Dispatch) -> bool:
    try:
        adapter_for(dispatch.channel).send(dispatch)
    except SendFailed as error:
        _failed(dispatch, str(error), final=isinstance(error, Undeliverable))
        return False
    except Exception as error:
        # A gateway's own exception must not keep the rest of the outbox from going out.
        logger.exception("dispatch_failed", extra={"dispatch": dispatch.pk})
        _failed(dispatch, str(error) or type(error).__name__)
        return False
    _mine(dispatch).update(state=DispatchState.SENT, sent_at=timezone.now(), error="")
    return True


def _failed(dispatch: Dispatch, reason: str, *, final: bool = False) -> None:
    over = final or dispatch.attempts >= MAX_ATTEMPTS
    _mine(dispatch).update(
        state=DispatchState.FAILED if over else DispatchState.WAITING,
        not_before=None if over else timezone.now() + backoff(dispatch.attempts),
        error=without_id_numbers(reason)[:300],
    )


def _mine(dispatch: Dispatch) -> QuerySet[Dispatch]:
    """The row, if this worker's claim is still the last one."""
    return Dispatch.objects.filter(pk=dispatch.pk, state=DispatchState.SENDING, attempts=dispatch.attempts)
