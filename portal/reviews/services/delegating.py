"""Putting the present step into somebody else's hands, and taking it back."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import Membership, User
from portal.accounts.roles import STAFF, Role
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.registry import operation
from portal.operations.scope import Scope
from portal.reviews.handlers import handler_of
from portal.reviews.models import Delegation, Review
from portal.reviews.services.locking import decided_meanwhile, locked


def _owns_step(actor: Actor, review: Review) -> bool:
    step = review.step
    return step is not None and actor.role == step.role and review.reviewer == actor.organization


step_owner = Scope("当前步骤的审核人", _owns_step)


@operation("reviews.delegate", gettext_lazy("委托他人审核"), roles=STAFF, scope=step_owner)
def delegate(act: Act, review: Review, *, to: User, reason: str = "", version: int | None = None) -> Review:
    """Let `to`, a colleague or a person of another organisation, decide the present step too.

    Raises Invalid when `to` holds no staff role, belongs to the submitting organisation, or is the actor; Conflict when
    the review moved meanwhile.
    """
    row = _held(act, review, version)
    _fit(act.actor, row, to)
    _hand(act, row, to, reason)
    text = _("“%(title)s”委托您审核") % {"title": row.title}
    act.tell([to], text, body=reason, url=handler_of(row.kind).url(row.subject_id), urgent=True)
    return row


@operation("reviews.take_back", gettext_lazy("收回审核委托"), roles=STAFF, scope=step_owner)
def take_back(act: Act, review: Review, *, reason: str = "", version: int | None = None) -> Review:
    """End the delegation of the present step. Raises Invalid when there is none, Conflict when the review moved."""
    row = _held(act, review, version)
    if row.delegate is None:
        raise Invalid(_("此步骤没有委托他人，无须收回。"))
    act.tell([row.delegate], _("“%(title)s”的审核委托已收回") % {"title": row.title}, body=reason)
    _hand(act, row, None, reason)
    return row


def _held(act: Act, review: Review, version: int | None) -> Review:
    (row,) = locked(Review.objects.filter(pk=review.pk))
    if not row.is_open or not _owns_step(act.actor, row) or version not in (None, row.version):
        raise decided_meanwhile(row)
    return row


def _fit(actor: Actor, review: Review, to: User) -> None:
    if to == actor.user:
        raise Invalid(_("不能委托给自己。"), field="to")
    held = Membership.objects.current().filter(user=to).exclude(role=Role.TRAINEE)
    organizations = set(held.values_list("organization_id", flat=True))
    if not to.is_active or not organizations:
        raise Invalid(
            _("“%(name)s”没有在用的工作角色，不能受托审核。请另选他人。") % {"name": to}, field="to"
        )
    if review.origin_id in organizations and review.origin_id != review.reviewer_id:
        raise Invalid(_("“%(name)s”是报送单位的人员，应当回避。请另选他人。") % {"name": to}, field="to")


def _hand(act: Act, review: Review, to: User | None, reason: str) -> None:
    before = str(review.delegate or "")
    Review.objects.filter(pk=review.pk).update(delegate=to, version=F("version") + 1)
    review.delegate, review.version = to, review.version + 1
    Delegation.objects.create(
        review=review,
        step_name=str(review.step),
        by_name=act.actor.name,
        organization=act.actor.organization,
        to=to,
        to_name=str(to or ""),
        reason=reason,
        at=act.now,
    )
    act.changed(review, before={"delegate": before}, after={"delegate": str(to or "")})
    act.reason = reason
