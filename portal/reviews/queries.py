"""What pages show of reviews: a record's history, who has it now, what waits for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count, Min
from django.utils.translation import gettext as _

from portal.organizations.models import Organization
from portal.reviews.models import Decision, Delegation, Review, ReviewState

if TYPE_CHECKING:
    from portal.operations.actor import Actor


@dataclass(frozen=True)
class Event:
    """One line of a record's history, with the names that `{% history %}` reads.

    `verdict` is the decision's code ("approve", "return", "reject"), or "" for what is no decision. `reason` is the
    reviewer's opinion.
    """

    at: datetime
    label: str
    actor_name: str
    organization_name: str
    step: str = ""
    reason: str = ""
    verdict: str = ""


def history(subject: models.Model) -> list[Event]:
    """Everything that happened in all reviews of `subject`, newest first. At most five queries."""
    rows = Review.objects.of_subject(subject).select_related("origin").order_by("pk")
    return history_of_reviews(
        list(rows.prefetch_related("decisions__organization", "delegations__organization"))
    )


def history_of_reviews(reviews: Sequence[Review]) -> list[Event]:
    """The events of `reviews`, which come with their decisions and delegations, newest first."""
    return sorted((event for each in reviews for event in _events(each)), key=attrgetter("at"), reverse=True)


def standing(subject: models.Model) -> Review | None:
    """The open review of `subject` with its step and the organisation that has it, or None. One query."""
    return (
        Review.objects.open()
        .of_subject(subject)
        .select_related("step", "reviewer", "delegate", "chain")
        .first()
    )


def course(subject: models.Model) -> tuple[Review | None, list[Event]]:
    """What `standing` and `history` say, for pages that show both. Three queries, one when it was never reviewed."""
    rows = Review.objects.of_subject(subject).select_related(
        "origin", "step", "reviewer", "delegate", "chain"
    )
    reviews = list(
        rows.order_by("pk").prefetch_related("decisions__organization", "delegations__organization")
    )
    now = next((each for each in reversed(reviews) if each.is_open), None)
    return now, history_of_reviews(reviews)


def standings(model: type[models.Model], keys: Iterable[int]) -> dict[int, Review]:
    """The newest review of each record, by record key, for the rows of a list. One query."""
    kind = ContentType.objects.get_for_model(model)
    rows = Review.objects.filter(subject_type=kind, subject_id__in=list(keys)).select_related(
        "step", "reviewer"
    )
    return {each.subject_id: each for each in rows.order_by("pk")}


@dataclass(frozen=True)
class Waiting:
    """How many records of one kind wait for a person, and when the first of them is due."""

    kind: str
    count: int
    due: datetime | None


def waiting(actor: Actor) -> list[Waiting]:
    """What waits for the actor, by kind. One query."""
    rows = Review.objects.waiting_for(actor).order_by().values_list("chain__subject_kind")
    return [
        Waiting(*row) for row in rows.annotate(Count("pk"), Min("due_at")).order_by("chain__subject_kind")
    ]


def _events(review: Review) -> list[Event]:
    events = [Event(review.opened_at, _("提交审核"), "", review.origin.name)]
    events += [_decided(each) for each in review.decisions.all()]
    events += [_delegated(each) for each in review.delegations.all()]
    if review.closed_at and review.state in {ReviewState.LAPSED, ReviewState.WITHDRAWN}:
        by = review.origin.name if review.state == ReviewState.WITHDRAWN else ""
        events.append(Event(review.closed_at, review.get_state_display(), "", by))
    return events


def _decided(decision: Decision) -> Event:
    who = _("%(name)s（受托）") % {"name": decision.by_name} if decision.delegated else decision.by_name
    return Event(
        decision.at,
        f"{decision.step_name}：{decision.get_verdict_display()}",
        who,
        _name(decision.organization),
        step=decision.step_name,
        reason=decision.opinion,
        verdict=decision.verdict,
    )


def _delegated(delegation: Delegation) -> Event:
    what = _("委托%(name)s审核") % {"name": delegation.to_name} if delegation.to_name else _("收回委托")
    label = f"{delegation.step_name}：{what}"
    place = _name(delegation.organization)
    return Event(
        delegation.at, label, delegation.by_name, place, step=delegation.step_name, reason=delegation.reason
    )


def _name(organization: Organization | None) -> str:
    return organization.name if organization else ""
