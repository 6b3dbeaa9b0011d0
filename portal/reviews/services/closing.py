"""Ending reviews: by decision, by the submitter's withdrawal, by time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy

from portal.operations.act import Act
from portal.operations.registry import operation
from portal.reviews.handlers import ReviewHandler, handler_of
from portal.reviews.letters import tell_origins
from portal.reviews.models import Review, Verdict
from portal.reviews.services.locking import locked
from portal.reviews.states import LAPSE, REVIEW, WITHDRAW


@operation("reviews.lapse", gettext_lazy("审核逾期失效"), system=True)
def lapse(act: Act, reviews: QuerySet[Review], *, reason: str = "") -> int:
    """End what nobody decided in time; return how many. For the worker, where the notice says so; safe to run twice."""
    rows = [
        each
        for each in locked(Review.objects.open().filter(pk__in=reviews.order_by().values("pk")))
        if each.is_open
    ]
    close(act, rows, LAPSE, reason)
    tell_origins(act, rows, reason)
    act.list_rows({"review": each.pk, "title": each.title} for each in rows)
    act.reason = reason
    return len(rows)


def withdraw_reviews(act: Act, subjects: Iterable[models.Model]) -> int:
    """End the open reviews of what its submitter takes back; return how many were open.

    Called inside the app's operation, which changes the records itself: no handler is called. Three queries.
    """
    records = list(subjects)
    if not records:
        return 0
    kind = ContentType.objects.get_for_model(records[0])
    open_ones = Review.objects.open().filter(subject_type=kind, subject_id__in=[each.pk for each in records])
    rows = [each for each in locked(open_ones) if each.is_open]
    _end(act, rows, WITHDRAW)
    return len(rows)


def close(act: Act, reviews: Sequence[Review], action: str, opinion: str) -> None:
    """End `reviews` (locked by the caller, open) by `action`, and let their apps act on it: one call a kind."""
    if not reviews:
        return
    _end(act, reviews, action)
    kinds: dict[str, list[Review]] = defaultdict(list)
    for each in reviews:
        kinds[each.kind].append(each)
    for kind, members in kinds.items():
        handler = handler_of(kind)
        _call(handler, act, subjects_of(handler, members), action, opinion)


def subjects_of(handler: ReviewHandler[Any], reviews: Sequence[Review]) -> QuerySet[Any]:
    """The records that `reviews` of one kind are about."""
    rows: QuerySet[Any] = handler.model._default_manager.filter(pk__in=[each.subject_id for each in reviews])
    return rows


def _call(handler: ReviewHandler[Any], act: Act, subjects: QuerySet[Any], action: str, opinion: str) -> None:
    match action:
        case Verdict.APPROVE:
            handler.approved(act, subjects)
        case Verdict.RETURN:
            handler.returned(act, subjects, opinion)
        case Verdict.REJECT:
            handler.rejected(act, subjects, opinion)
        case _:
            handler.lapsed(act, subjects)


def _end(act: Act, reviews: Sequence[Review], action: str) -> None:
    rows = Review.objects.filter(pk__in=[each.pk for each in reviews])
    REVIEW.apply_to(rows, action, closed_at=act.now, version=F("version") + 1)
    for each in reviews:
        each.state = REVIEW.target(each.state, action) or each.state
        each.closed_at, each.version = act.now, each.version + 1
