"""What the worker does at deadlines: closes what a deadline closes, and reminds who has not done their part.

Nothing here makes a deadline bite: operations look at the clock themselves. Both sweeps may be killed at any line and be
run twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.messages.outbox import Letter, post
from portal.rulebook import hooks
from portal.rulebook.facts import DAYS, fact, stage
from portal.rulebook.models import Phase

AHEAD = fact(
    "phase_reminder_days",
    gettext_lazy("各环节截止前几天提醒"),
    (1, 3),
    group=DAYS,
    hint=gettext_lazy("可填几个，如：1、3"),
    least=1,
    most=30,
)
# A deadline that passed longer ago than this (the portal was down) is not announced any more.
STALE = timedelta(days=1)


def phases_to_close(now: datetime) -> list[int]:
    """Keys of published windows that are over and whose end the worker has not dealt with."""
    due = Phase.objects.filter(
        rulebook__published_at__isnull=False,
        rulebook__closed_at=None,
        closes_at__lt=now,
        closed_by_worker_at=None,
    )
    return list(due.order_by("closes_at").values_list("pk", flat=True))


def close_phase(phase_id: int, now: datetime) -> bool:
    """Do what the apps do at the end of this window, once; False when it was done or is not due.

    The claim and the work are one transaction: a second worker waits for the first and then finds nothing to do, and a
    worker that dies leaves the window to be closed by the next sweep.
    """
    with transaction.atomic():
        due = Phase.objects.filter(pk=phase_id, closes_at__lt=now, closed_by_worker_at=None)
        if not due.update(closed_by_worker_at=now):
            return False
        phase = Phase.objects.select_related("rulebook", "clause__notice").get(pk=phase_id)
        for close in hooks.closers(phase.code):
            close(phase, now)
    return True


def phases_to_remind(now: datetime) -> list[int]:
    """Keys of published windows whose deadline is near or just past and has a reminder not yet sent."""
    near = Phase.objects.filter(
        rulebook__published_at__isnull=False,
        rulebook__closed_at=None,
        closes_at__gt=now - STALE,
        closes_at__lte=now + timedelta(days=AHEAD.most),
    )
    found = [
        (each, reminder_key(each, now)) for each in near.select_related("rulebook").order_by("closes_at")
    ]
    return [each.pk for each, key in found if key and each.reminded != key]


def remind(phase_id: int, now: datetime) -> int:
    """Send the reminder that is due for this window; return to how many people (0: none due, or sent before)."""
    with transaction.atomic():
        phase = (
            Phase.objects.select_for_update(of=("self",))
            .select_related("rulebook", "clause__notice")
            .get(pk=phase_id)
        )
        key = reminder_key(phase, now)
        if not key or phase.reminded == key:
            return 0
        Phase.objects.filter(pk=phase_id).update(reminded=key)
        return post(_letters(phase, key, now))


def reminder_key(phase: Phase, now: datetime) -> str:
    """Name the reminder due at `now`: which window, which deadline, how long before; "" when none is.

    It holds the deadline itself, so that an extended window reminds anew.
    """
    if phase.closes_at is None or now >= phase.closes_at + STALE:
        return ""
    days = stage(phase.closes_at - now, AHEAD.of(phase.rulebook))
    if days is None:
        return ""
    word = "over" if now > phase.closes_at else f"{days}d"
    return f"phase:{phase.pk}:{phase.closes_at:%Y%m%d%H%M}:{word}"


def _letters(phase: Phase, key: str, now: datetime) -> list[Letter]:
    found = [each for provider in hooks.reminding(phase.code) for each in provider(phase, now)]
    return [
        Letter(
            recipients=each.recipients,
            title=f"{_prefix(phase, now)}{each.title}",
            body=str(each.body),
            url=each.url,
            urgent=True,
            key=f"{key}:{number}",
        )
        for number, each in enumerate(found)
    ]


def _prefix(phase: Phase, now: datetime) -> str:
    if phase.closes_at is None or now > phase.closes_at:
        return _("【已截止】")
    end = timezone.localtime(phase.closes_at)
    days = (end.date() - timezone.localdate(now)).days
    left = _("还剩%(days)d天") % {"days": days} if days else _("今天截止")
    return _("【%(end)s截止，%(left)s】") % {"end": end.strftime("%m月%d日%H:%M"), "left": left}
