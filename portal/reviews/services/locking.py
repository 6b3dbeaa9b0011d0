"""The lock under which a review is decided, and what the one who came second is told."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.errors import Conflict
from portal.reviews.models import Review


def locked(reviews: QuerySet[Review]) -> list[Review]:
    """Lock `reviews` in key order and read them as they are now, with chain, step and organisations.

    At most eight queries, however many reviews. The rows are read again after the lock: a joined row fetched before
    waiting for it would be of the old step.
    """
    return read(hold(reviews))


def hold(reviews: QuerySet[Review]) -> list[int]:
    """Lock the rows until the transaction ends; return their keys."""
    return list(reviews.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))


def read(keys: Iterable[int]) -> list[Review]:
    """The reviews of `keys` with all that a decision looks at.

    Thousands share a few chains, steps and organisations: prefetching makes each of these once, a join once a row.
    """
    rows = Review.objects.filter(pk__in=list(keys)).order_by("pk")
    return list(rows.prefetch_related("chain__rulebook", "step", "reviewer", "origin", "delegate"))


def decided_meanwhile(review: Review) -> Conflict:
    """The refusal that says who decided what since the page was opened."""
    last = review.decisions.last()
    if last is None:
        message = _("“%(title)s”的审核刚有变化（现为“%(state)s”），您的意见没有提交。请刷新后查看。")
        return Conflict(message % {"title": review.title, "state": review.get_state_display()})
    message = _(
        "%(who)s已于%(when)s对“%(title)s”作出“%(verdict)s”的审核意见，您的意见没有提交。请刷新后查看最新状态。"
    )
    when = timezone.localtime(last.at).strftime("%m月%d日%H:%M")
    shown = {"who": last.by_name, "when": when, "title": review.title, "verdict": last.get_verdict_display()}
    return Conflict(message % shown)
