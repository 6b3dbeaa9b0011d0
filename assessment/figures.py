"""The figures that assessment itself supplies for the performance summary. One query each. Source: CQ20-6.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from assessment.hooks import Figure, Figures, performance_figures
from enrollment.models import STANDING, Enrollment, EnrollmentState, Nomination, NominationState

# Put forward for the class, whatever became of it afterwards; drafts and what was taken back were never put forward.
_NOT_NOMINATED = (NominationState.DRAFT, NominationState.WITHDRAWN, NominationState.LAPSED)


@performance_figures
def nominated(classes: Sequence[int]) -> Figures:
    """`nominated`: who was put forward for the class, or placed in it later."""
    rows = Nomination.objects.exclude(state__in=_NOT_NOMINATED).order_by()
    placed = rows.annotate(placed=Coalesce("enrollment__training_class", "training_class"))
    return by_class(
        placed.filter(placed__in=classes).values("placed").annotate(nominated=Count("pk")), key="placed"
    )


@performance_figures
def enrolled(classes: Sequence[int]) -> Figures:
    """`registered`: who registered and stands; `roster`: the confirmed trainees."""
    rows = Enrollment.objects.filter(training_class__in=classes, state__in=STANDING).order_by()
    return by_class(
        rows.values("training_class").annotate(
            registered=Count("pk", filter=~Q(registered_at=None)),
            roster=Count("pk", filter=Q(state=EnrollmentState.CONFIRMED)),
        )
    )


def by_class(
    rows: Iterable[Mapping[str, Any]], *, key: str = "training_class"
) -> dict[int, dict[str, Figure]]:
    """The rows of a `values(key).annotate(…)`, by the class's key."""
    return {row[key]: {name: value or 0 for name, value in row.items() if name != key} for row in rows}
