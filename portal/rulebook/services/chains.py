"""The steps of a review chain: who decides, where, within how many days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import HELD_IN, Role
from portal.errors import Invalid, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.versions import save_version
from portal.organizations.kinds import Kind
from portal.reviews.models import ReviewChain, ReviewStep
from portal.rulebook.services.amending import MANAGERS, UNEXPLAINED, Why, our_rulebook, record


@dataclass(frozen=True)
class Step:
    """One step as it is to be. `days` is the time allowed, None for no limit."""

    name: str
    role: str
    where: str
    days: int | None = None


@operation("rulebook.edit_chain", gettext_lazy("修改审核链"), roles=MANAGERS, scope=our_rulebook)
def edit_chain(
    act: Act, chain: ReviewChain, *, version: int, steps: Sequence[Step], why: Why = UNEXPLAINED
) -> ReviewChain:
    """Give the chain these steps, in this order; `version` is its rulebook's.

    Steps keep their identity by position, so that reviews under way go on. Raises Invalid for a role that is not held
    in that kind of organisation, WrongState when a step that would go still holds a review, Conflict on a race.
    """
    _check(steps)
    stored = list(chain.steps.all())
    before = [_as_step(each) for each in stored]
    if before == list(steps):
        return chain
    save_version(chain.rulebook, version)
    _write(chain, stored, steps)
    record(
        act,
        chain,
        target=f"review_chain:{chain.pk}",
        title=_("审核链“%(chain)s”") % {"chain": chain.name},
        before=_listed(before),
        after=_listed(steps),
        why=why,
    )
    return chain


def _check(steps: Sequence[Step]) -> None:
    if not steps:
        raise Invalid(_("审核链至少要有一步。"))
    for number, step in enumerate(steps, 1):
        if step.role not in Role.values or step.where not in Kind.values:
            raise Invalid(_("第%(number)d步的角色或机构类别无效。") % {"number": number})
        if Kind(step.where) not in HELD_IN[Role(step.role)]:
            raise Invalid(
                _("第%(number)d步：“%(role)s”不设在“%(where)s”，无人可以审核。请改选角色或机构类别。")
                % {"number": number, "role": Role(step.role).label, "where": Kind(step.where).label}
            )


def _write(chain: ReviewChain, stored: list[ReviewStep], steps: Sequence[Step]) -> None:
    for row, step in zip(stored, steps, strict=False):
        ReviewStep.objects.filter(pk=row.pk).update(**asdict(step))
    last = stored[-1].position if stored else 0
    ReviewStep.objects.bulk_create(
        ReviewStep(chain=chain, position=last + number, **asdict(step))
        for number, step in enumerate(steps[len(stored) :], 1)
    )
    try:
        ReviewStep.objects.filter(pk__in=[row.pk for row in stored[len(steps) :]]).delete()
    except ProtectedError as error:
        raise WrongState(_("要删去的步骤还有审核事项，请先办结或退回后再删。")) from error


def _as_step(row: ReviewStep) -> Step:
    return Step(row.name, row.role, row.where, row.days)


def _listed(steps: Sequence[Step]) -> dict[str, Any]:
    return {
        str(number): f"{step.name}｜{Role(step.role).label}｜{Kind(step.where).label}｜{step.days or '-'}"
        for number, step in enumerate(steps, 1)
    }
