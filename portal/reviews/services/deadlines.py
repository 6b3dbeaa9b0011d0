"""What time does to reviews: those who hold them are reminded, and a window that closes ends what waited in it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.messages.outbox import Letter, post
from portal.operations.actor import Actor
from portal.reviews.handlers import handler_of
from portal.reviews.letters import holders
from portal.reviews.models import Review
from portal.reviews.services.closing import lapse
from portal.rulebook.facts import DAYS, fact
from portal.rulebook.models import Phase

SOON = fact("review_reminder_days", gettext_lazy("审核到期前几天起每日提醒审核人"), 1, group=DAYS, most=30)
# Whether a closed window ends the reviews that were to be decided in it.
LAPSES = fact("lapse_reviews", gettext_lazy("环节截止后未办结的审核失效"), False)


def remind(now: datetime) -> int:
    """Remind, once a day, those who hold a review that is due soon or overdue; return how many were told.

    Safe to run as often as one likes: a reminder is written once. Four queries and those of the letters.
    """
    due = Review.objects.open().filter(due_at__lte=SOON.moment_after(now, "chain__rulebook")).order_by()
    rows = due.values_list("chain__subject_kind", "reviewer_id", "step__role")
    found = list(rows.annotate(Count("pk"), overdue=Count("pk", filter=Q(due_at__lt=now))))
    people = holders([(reviewer, role) for _kind, reviewer, role, *_counts in found])
    day = timezone.localdate(now)
    return post([_letter(row, people[row[1], row[2]], f"{day}") for row in found])


def _letter(row: tuple[str, int, str, int, int], recipients: list[int], day: str) -> Letter:
    kind, reviewer, role, count, overdue = row
    handler = handler_of(kind)
    title = _("%(count)d项“%(kind)s”即将到期须审结，其中%(overdue)d项已逾期") % {
        "count": count,
        "kind": handler.label,
        "overdue": overdue,
    }
    key = f"review-due:{kind}:{reviewer}:{role}:{day}"
    return Letter(recipients, title, _("请尽快办理。"), handler.queue_url(), urgent=True, key=key)


def lapse_with(phase: Phase) -> int:
    """End the open reviews that were to be decided in `phase`, if its rulebook's notice says so; return how many.

    For an app's `on_phase_closed` handler; safe to run twice.
    """
    if not LAPSES.of(phase.rulebook):
        return 0
    waiting = Review.objects.open().filter(chain__rulebook=phase.rulebook, chain__phase=phase.code)
    reason = _("“%(phase)s”已截止") % {"phase": phase.name}
    return lapse(Actor.system("worker"), waiting, reason=reason) if waiting.exists() else 0
