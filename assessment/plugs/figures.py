"""What nominations, rosters, grades and deliverables supply for the performance summary. One query each. CQ20-6.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from assessment.hooks import Figure, Figures, performance_figures
from assessment.models import Grade
from enrollment.models import NOT_NOMINATED, STANDING, Arrival, Enrollment, EnrollmentState, Nomination
from portal import clock
from programs.models import Deliverable


@performance_figures
def nominated(classes: Sequence[int]) -> Figures:
    """`nominated`: who was put forward for the class, or placed in it later."""
    rows = Nomination.objects.exclude(state__in=NOT_NOMINATED).order_by()
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
            attended=Count("pk", filter=Q(check_in__state=Arrival.PRESENT)),
        )
    )


@performance_figures
def graded(classes: Sequence[int]) -> Figures:
    """`passed`, `excellent`: final grades; an honour is a passing level of which only a share of a class may have."""
    rows = Grade.objects.final().filter(grading__training_class__in=classes).order_by()
    honour = Q(level__passing=True, level__cap__isnull=False)
    return by_class(
        rows.values("grading__training_class").annotate(
            passed=Count("pk", filter=Q(level__passing=True)), excellent=Count("pk", filter=honour)
        ),
        key="grading__training_class",
    )


@performance_figures
def handed_in(classes: Sequence[int]) -> Figures:
    """`owed`: what was due by now or handed in already; `on_time`: what of it was all in on its last day at the latest."""
    due = Q(due_on__lt=clock.today()) | ~Q(completed_at=None)
    rows = Deliverable.objects.filter(due, training_class__in=classes).order_by()
    on_time = Q(late=False) & ~Q(completed_at=None)
    return by_class(
        rows.values("training_class").annotate(owed=Count("pk"), on_time=Count("pk", filter=on_time))
    )


def by_class(
    rows: Iterable[Mapping[str, Any]], *, key: str = "training_class"
) -> dict[int, dict[str, Figure]]:
    """The rows of a `values(key).annotate(…)`, by the class's key."""
    return {row[key]: {name: value or 0 for name, value in row.items() if name != key} for row in rows}
