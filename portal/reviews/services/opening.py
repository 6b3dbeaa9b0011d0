"""Sending records on their way through a review chain. Called inside an app's own operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import clock
from portal.errors import Conflict, DomainError, WrongState
from portal.organizations.models import Organization
from portal.reviews.handlers import ReviewHandler, handler_of
from portal.reviews.letters import tell_reviewers
from portal.reviews.models import Review, ReviewChain, ReviewStep
from portal.reviews.routes import Case, Stop, Tree, chain_for, chains_for, route

if TYPE_CHECKING:
    from portal.operations.act import Act

M = TypeVar("M", bound=models.Model)


def open_review(
    act: Act,
    subject: models.Model,
    *,
    kind: str,
    origin: Organization,
    title: str,
    due_at: datetime | None = None,
) -> Review:
    """Open the review of one record that `origin` submits. See `open_reviews`."""
    return open_reviews(
        act, [subject], kind=kind, origin=lambda _one: origin, title=lambda _one: title, due_at=due_at
    )[0]


def open_reviews(
    act: Act,
    subjects: Iterable[M],
    *,
    kind: str,
    origin: Callable[[M], Organization],
    title: Callable[[M], str] = str,
    due_at: datetime | None = None,
) -> list[Review]:
    """Open a review of each record of one rulebook, in a constant number of queries; return them in order.

    `origin` and `title` must not query. `due_at` ends the whole way; each step's own days run within it. Raises
    DomainError when the rulebook has no chain for an origin or nobody stands at any of its steps, WrongState when one
    of the records is under review already.
    """
    wanted = list(subjects)
    if not wanted:
        return []
    handler = handler_of(kind)
    _none_open(handler, wanted)
    stops, chains = _first_stops(handler, wanted, origin)
    reviews = [
        _made(
            act,
            each,
            chains[each.pk],
            stops[each.pk],
            origin=origin(each),
            title=title(each),
            deadline=due_at,
        )
        for each in wanted
    ]
    tell_reviewers(act, handler, stops.values())
    return _saved(reviews)


def due(now: datetime, step: ReviewStep, deadline: datetime | None) -> datetime | None:
    """When a step entered at `now` is to be decided: the end of its last day, but not after `deadline`."""
    own = clock.end_of(timezone.localdate(now) + timedelta(days=step.days)) if step.days is not None else None
    return min((each for each in (own, deadline) if each), default=None)


def _first_stops(
    handler: ReviewHandler[Any], subjects: Sequence[M], origin: Callable[[M], Organization]
) -> tuple[dict[int, Stop], dict[int, ReviewChain]]:
    known = chains_for(subjects[0].rulebook, handler.kind)  # type: ignore[attr-defined]
    chains = {each.pk: chain_for(known, origin(each), handler) for each in subjects}
    tree = Tree(origin(each) for each in subjects)
    stops: dict[int, Stop] = {}
    for chain in {each.pk: each for each in chains.values()}.values():
        cases = [Case(each.pk, origin(each)) for each in subjects if chains[each.pk] is chain]
        found = route(handler, tree, list(chain.steps.all()), cases)
        _all_found(chain, cases, found)
        stops |= found
    return stops, chains


def _all_found(chain: ReviewChain, cases: Sequence[Case], found: dict[int, Stop]) -> None:
    lost = next((case for case in cases if case.subject_id not in found), None)
    if lost is None:
        return
    message = _(
        "审核链“%(chain)s”的任何一步都找不到“%(unit)s”的审核单位，不能提交。请项目办管理员检查机构树或审核链。"
    )
    raise DomainError(message % {"chain": chain, "unit": lost.origin}, code="no_reviewer")


def _none_open(handler: ReviewHandler[Any], subjects: Sequence[models.Model]) -> None:
    kind = ContentType.objects.get_for_model(handler.model)
    keys = [each.pk for each in subjects]
    under_way = Review.objects.open().filter(subject_type=kind, subject_id__in=keys).first()
    if under_way is not None:
        raise WrongState(
            _("“%(title)s”已在审核中，不能重复提交；如需修改，请先撤回。") % {"title": under_way.title}
        )


def _made(
    act: Act,
    subject: models.Model,
    chain: ReviewChain,
    stop: Stop,
    *,
    origin: Organization,
    title: str,
    deadline: datetime | None,
) -> Review:
    return Review(
        chain=chain,
        subject_type=ContentType.objects.get_for_model(subject),
        subject_id=subject.pk,
        title=title[:200],
        origin=origin,
        step=stop.step,
        reviewer=stop.reviewer,
        opened_at=act.now,
        due_at=due(act.now, stop.step, deadline),
        deadline_at=deadline,
    )


def _saved(reviews: list[Review]) -> list[Review]:
    try:
        with transaction.atomic():
            return Review.objects.bulk_create(reviews)
    except IntegrityError as error:
        if "review_one_open_per_subject" not in str(error):
            raise
        raise Conflict(_("所选记录中有的刚被他人提交审核，请刷新后重新提交。")) from error
