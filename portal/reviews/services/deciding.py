"""Deciding the present step of one review, or of thousands: one path for both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import STAFF
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.gate import phase_refusal
from portal.operations.registry import operation
from portal.operations.scope import Scope, anywhere
from portal.reviews.handlers import handler_of
from portal.reviews.letters import tell_origins, tell_reviewers
from portal.reviews.models import Decision, Review, ReviewStep, Verdict
from portal.reviews.routes import Case, Stop, Tree, route
from portal.reviews.services.closing import close, subjects_of
from portal.reviews.services.locking import decided_meanwhile, locked
from portal.reviews.services.opening import due


@dataclass(frozen=True)
class Tally:
    """What a bulk decision did: how many were decided, how many of them go on to a next step, how many were left."""

    decided: int
    moved_on: int
    skipped: int


def _in_hand(actor: Actor, review: Review) -> bool:
    """The present step is the actor's; or it was, so that they are told what happened instead of being turned away."""
    if actor.user_id is None:
        return False
    return review.held_by(actor) or review.decisions.filter(organization=actor.organization).exists()


holder = Scope("当前步骤的审核人或受托人", _in_hand)


@operation("reviews.decide", gettext_lazy("提出审核意见"), roles=STAFF, scope=holder)
def decide(
    act: Act, review: Review, *, verdict: str, opinion: str = "", version: int | None = None
) -> Review:
    """Approve, return or reject at the present step; return the review as it then is.

    `version` is the one the reviewer saw. Raises Conflict, saying who decided what, when the review moved since;
    Invalid when a return or a rejection gives no opinion.
    """
    chosen = _checked(verdict, opinion)
    (row,) = locked(Review.objects.filter(pk=review.pk))
    if not row.is_open or not row.held_by(act.actor) or version not in (None, row.version):
        raise decided_meanwhile(row)
    before = {"state": row.state, "step": str(row.step)}
    _settle(act, [row], chosen, opinion)
    act.changed(
        row, before=before, after={"state": row.state, "step": str(row.step), "verdict": chosen.value}
    )
    act.reason = opinion
    return row


@operation("reviews.decide_many", gettext_lazy("批量提出审核意见"), roles=STAFF, scope=anywhere())
def decide_many(act: Act, reviews: QuerySet[Review], *, verdict: str, opinion: str = "") -> Tally:
    """Decide all of `reviews` that wait for the actor; the others are skipped and counted.

    The number of queries does not grow with the rows. One audit entry lists them.
    """
    chosen = _checked(verdict, opinion)
    asked = reviews.order_by().values("pk")
    wanted = asked.count()
    rows = [each for each in locked(Review.objects.open().filter(pk__in=asked)) if each.held_by(act.actor)]
    moved = _settle(act, rows, chosen, opinion) if rows else 0
    act.list_rows({"review": each.pk, "title": each.title, "state": each.state} for each in rows)
    act.after |= {"verdict": chosen.value, "decided": len(rows), "skipped": wanted - len(rows)}
    act.reason = opinion
    return Tally(len(rows), moved, wanted - len(rows))


def _checked(verdict: str, opinion: str) -> Verdict:
    if verdict not in Verdict.values:
        raise Invalid(_("请选择审核结论：通过、退回修改或不通过。"), field="verdict")
    if verdict != Verdict.APPROVE and not opinion.strip():
        raise Invalid(_("退回或不通过须写明理由，以便报送单位据此修改。"), field="opinion")
    return Verdict(verdict)


def _settle(act: Act, reviews: Sequence[Review], verdict: Verdict, opinion: str) -> int:
    """Record the decisions and move or close the reviews; return how many moved on."""
    _in_phase(act, reviews)
    _record(act, reviews, verdict, opinion)
    onward = _next_stops(reviews) if verdict == Verdict.APPROVE else {}
    _move(act, [each for each in reviews if each.pk in onward], onward)
    closing = [each for each in reviews if each.pk not in onward]
    close(act, closing, verdict, opinion)
    tell_origins(act, closing, opinion)
    return len(onward)


def _in_phase(act: Act, reviews: Sequence[Review]) -> None:
    for review in {each.chain_id: each for each in reviews}.values():
        refusal = phase_refusal(review.chain.phase or None, review, act.now)
        if refusal:
            raise refusal


def _record(act: Act, reviews: Sequence[Review], verdict: Verdict, opinion: str) -> None:
    Decision.objects.bulk_create(
        Decision(
            review=each,
            step_name=str(each.step),
            verdict=verdict,
            opinion=opinion,
            by=act.actor.user,
            by_name=act.actor.name,
            organization=each.reviewer,
            delegated=each.delegate_id == act.actor.user_id,
            at=act.now,
        )
        for each in reviews
    )


def _next_stops(reviews: Sequence[Review]) -> dict[int, Stop]:
    """Where each approved review goes next; those that are through are not in it."""
    steps: dict[int, list[ReviewStep]] = defaultdict(list)
    for step in ReviewStep.objects.filter(chain__in={each.chain_id for each in reviews}).order_by("position"):
        steps[step.chain_id].append(step)
    tree = Tree(each.origin for each in reviews)
    stops: dict[int, Stop] = {}
    for chain, members in _grouped(reviews).items():
        cases = [
            Case(each.subject_id, each.origin, each.step.position if each.step else 0) for each in members
        ]
        found = route(handler_of(members[0].kind), tree, steps[chain], cases)
        stops |= {each.pk: found[each.subject_id] for each in members if each.subject_id in found}
    return stops


def _grouped(reviews: Iterable[Review]) -> dict[int, list[Review]]:
    groups: dict[int, list[Review]] = defaultdict(list)
    for each in reviews:
        groups[each.chain_id].append(each)
    return groups


def _move(act: Act, reviews: Sequence[Review], onward: dict[int, Stop]) -> None:
    """Hand the reviews to their next stops: one statement a stop and deadline, however many reviews."""
    groups: dict[tuple[Stop, datetime | None], list[Review]] = defaultdict(list)
    for each in reviews:
        groups[onward[each.pk], each.deadline_at].append(each)
    for (stop, deadline), members in groups.items():
        _hand_over(members, stop, due(act.now, stop.step, deadline))
        handler = handler_of(members[0].kind)
        handler.moved_on(act, subjects_of(handler, members), stop.step)
        tell_reviewers(act, handler, [stop] * len(members))


def _hand_over(reviews: Sequence[Review], stop: Stop, due_at: datetime | None) -> None:
    fields = {"step": stop.step, "reviewer": stop.reviewer, "delegate": None, "due_at": due_at}
    Review.objects.filter(pk__in=[each.pk for each in reviews]).update(version=F("version") + 1, **fields)
    for each in reviews:
        each.version += 1
        for name, value in fields.items():
            setattr(each, name, value)
