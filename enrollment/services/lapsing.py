"""What a closed window ends: what nobody sent or corrected in time gives its seat back. Source: CQ20-3.2."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import Nomination, NominationSheet, NominationState, SheetState
from enrollment.services import seats
from enrollment.states import NOMINATION, SHEET
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.registry import operation
from portal.reviews.services.deadlines import LAPSES
from portal.rulebook.models import Phase, Rulebook

UNSENT = (NominationState.DRAFT, NominationState.RETURNED)


@operation("enrollment.lapse_unsent", gettext_lazy("未报送的推荐逾期失效"), system=True, clauses=["CQ20-3.2"])
def lapse_unsent(act: Act, rulebook: Rulebook, *, reason: str) -> int:
    """End the drafts and the returned nominations of a programme; return how many. Safe to run twice.

    Substitutes have a window of their own and stay.
    """
    waiting = Nomination.objects.filter(program__rulebook=rulebook, state__in=UNSENT, substitute_for=None)
    rows = list(waiting.order_by("pk").select_for_update(of=["self"]).select_related("teacher", "project"))
    NOMINATION.apply_to(
        Nomination.objects.filter(pk__in=[each.pk for each in rows]),
        "lapse",
        decided_at=act.now,
        opinion=reason,
    )
    seats.release_seats(act, rows, reason=reason)
    SHEET.apply_to(
        NominationSheet.objects.filter(program__rulebook=rulebook, state=SheetState.DRAFT), "withdraw"
    )
    act.reason = reason
    act.changed(rulebook, after={"lapsed": len(rows)})
    act.list_rows({"nomination": each.pk, "name": each.teacher.name} for each in rows)
    return len(rows)


def lapse_unsent_with(phase: Phase) -> int:
    """Run `lapse_unsent` if the notice lets things lapse and anything waits; return how many ended."""
    if not LAPSES.of(phase.rulebook):
        return 0
    waiting = Nomination.objects.filter(
        program__rulebook=phase.rulebook, state__in=UNSENT, substitute_for=None
    )
    if not waiting.exists():
        return 0
    reason = _("“%(phase)s”已截止") % {"phase": phase.name}
    return lapse_unsent(Actor.system("worker"), phase.rulebook, reason=reason)
