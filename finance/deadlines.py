"""When a base owes a class's budget and final account: days from its start or end, as the rulebook's table says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from programs.models import Anchor, DeliverableRequirement, TrainingClass

BUDGET, FINAL_ACCOUNT = "budget", "final_account"


def requirements(rulebooks: Iterable[int]) -> dict[tuple[int, str], DeliverableRequirement]:
    """What the rulebooks say of budgets and final accounts, by rulebook and code. One query."""
    rows = DeliverableRequirement.objects.filter(
        rulebook__in=list(rulebooks), code__in=[BUDGET, FINAL_ACCOUNT]
    )
    return {(each.rulebook_id, each.code): each for each in rows.select_related("clause__notice")}


def day_of(requirement: DeliverableRequirement, training_class: TrainingClass) -> date:
    """The last day for the class."""
    starts = requirement.anchor == Anchor.START
    anchor = training_class.starts_on if starts else training_class.ends_on
    return anchor + timedelta(days=requirement.offset_days)


def due_on(training_class: TrainingClass, code: str) -> date | None:
    """The last day on which the class's budget or final account is due; None where the rulebook says none. One query."""
    rulebook = training_class.rulebook.pk
    found = requirements([rulebook]).get((rulebook, code))
    return day_of(found, training_class) if found else None
