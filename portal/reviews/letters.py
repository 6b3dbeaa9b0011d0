"""Whom a review tells what. Recipients of a whole batch are found in one query."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import Membership
from portal.messages.outbox import Letter
from portal.reviews.handlers import ReviewHandler, handler_of
from portal.reviews.models import OUTSIDERS, Review, ReviewState

if TYPE_CHECKING:
    from portal.operations.act import Act
    from portal.reviews.routes import Stop

TOLD = {
    ReviewState.APPROVED: gettext_lazy("审核通过"),
    ReviewState.RETURNED: gettext_lazy("被退回，请修改后重新提交"),
    ReviewState.REJECTED: gettext_lazy("审核未通过"),
    ReviewState.LAPSED: gettext_lazy("逾期未审结，已失效"),
}


def tell_reviewers(act: Act, handler: ReviewHandler[Any], stops: Iterable[Stop]) -> None:
    """Tell those who decide the next step, once a day and kind however many records arrive."""
    places = Counter((each.reviewer.pk, each.step.role) for each in stops)
    people = holders(list(places))
    for (organization, role), count in places.items():
        act.letters.append(
            Letter(
                people[organization, role],
                _("“%(kind)s”有新的待审核事项（本次%(count)d项）") % {"kind": handler.label, "count": count},
                _("请在办理时限内审核；全部待办见工作台。"),
                handler.queue_url(),
                key=f"review:{handler.kind}:{organization}:{role}:{act.today}",
            )
        )


def tell_origins(act: Act, reviews: Sequence[Review], opinion: str) -> None:
    """Tell each submitting organisation how its records fared: by name when it is one, by count when many."""
    groups: dict[tuple[int, str, str], list[Review]] = defaultdict(list)
    for each in reviews:
        groups[each.origin_id, each.kind, each.state].append(each)
    people = _staff({each.origin_id for each in reviews})
    for (origin, kind, state), members in groups.items():
        recipients = people[origin]
        act.letters.append(_outcome(recipients, handler_of(kind), ReviewState(state), members, opinion))


def _outcome(
    recipients: list[int],
    handler: ReviewHandler[Any],
    state: ReviewState,
    reviews: list[Review],
    opinion: str,
) -> Letter:
    told = str(TOLD[state])
    body = _("审核意见：%(opinion)s") % {"opinion": opinion} if opinion else ""
    urgent = state in {ReviewState.RETURNED, ReviewState.REJECTED, ReviewState.LAPSED}
    if len(reviews) == 1:
        title = _("“%(title)s”%(told)s") % {"title": reviews[0].title, "told": told}
        return Letter(recipients, title, body, handler.url(reviews[0].subject_id), urgent)
    title = _("%(count)d项“%(kind)s”%(told)s") % {"count": len(reviews), "kind": handler.label, "told": told}
    address = f"{reverse('reviews:list')}?view=sent&kind={handler.kind}&state={state.value}"
    return Letter(recipients, title, body, address, urgent)


def holders(places: Sequence[tuple[int, str]]) -> dict[tuple[int, str], list[int]]:
    """The user keys of those who now hold each role in each organisation. At most one query."""
    wanted = Q()
    for organization, role in places:
        wanted |= Q(organization=organization, role=role)
    people: dict[tuple[int, str], list[int]] = defaultdict(list)
    if places:
        rows = Membership.objects.current().filter(wanted, user__is_active=True)
        for organization, role, user in rows.values_list("organization_id", "role", "user_id"):
            people[organization, role].append(user)
    return people


def _staff(organizations: set[int]) -> dict[int, list[int]]:
    rows = Membership.objects.current().filter(organization__in=organizations, user__is_active=True)
    people: dict[int, list[int]] = defaultdict(list)
    for organization, user in rows.exclude(role__in=OUTSIDERS).values_list("organization_id", "user_id"):
        people[organization].append(user)
    return people
