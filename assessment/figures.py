"""The figures that assessment itself supplies for the performance summary. One query each. Source: CQ20-6.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from assessment.hooks import Figure, Figures, performance_figures
from assessment.models import Grade, Inspection, Option
from assessment.models.inspection import VISITED
from assessment.models.template import SurveyKind
from assessment.scoring import add
from enrollment.models import STANDING, Arrival, Enrollment, EnrollmentState, Nomination, NominationState
from portal import clock
from programs.models import Deliverable, TrainingClass

# Results of a survey are told from so many answers on. Source: the anonymity of the survey's answers.
LEAST = 5
# Put forward for the class, whatever became of it afterwards; drafts and what was taken back were never put forward.
NOT_NOMINATED = (NominationState.DRAFT, NominationState.WITHDRAWN, NominationState.LAPSED)


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


@performance_figures
def evaluated(classes: Sequence[int]) -> Figures:
    """`evaluation_sum` of `evaluation_full`: the weights of what trainees chose; nothing below the least number of answers."""
    rows = Option.objects.filter(
        question__survey__training_class__in=classes,
        question__survey__kind=SurveyKind.EVALUATION,
        question__answered__gte=LEAST,
        weight__isnull=False,
    ).order_by()
    key = "question__survey__training_class"
    return by_class(
        rows.values(key).annotate(
            evaluation_sum=Sum(F("weight") * F("count"), default=0),
            evaluation_full=Sum(F("count") * 100, default=0),
        ),
        key=key,
    )


@performance_figures
def inspected(classes: Sequence[int]) -> Figures:
    """`inspection_sum` of `inspection_full`: the scores of visits to the class, or to its project as a whole."""
    own = Q(inspections__state__in=VISITED)
    rows = TrainingClass.objects.filter(pk__in=classes).order_by()
    of_class = by_class(
        rows.filter(own)
        .values("pk")
        .annotate(
            inspection_sum=Sum("inspections__score", default=0), inspection_full=Count("inspections") * 100
        ),
        key="pk",
    )
    visits = Inspection.objects.visited().filter(training_class=None, project__classes__in=classes).order_by()
    of_project = by_class(
        visits.values("project__classes").annotate(
            inspection_sum=Sum("score", default=0), inspection_full=Count("pk") * 100
        ),
        key="project__classes",
    )
    return {
        key: add([of_class.get(key, {}), of_project.get(key, {})])
        for key in {*of_class, *of_project} & {*classes}
    }


def by_class(
    rows: Iterable[Mapping[str, Any]], *, key: str = "training_class"
) -> dict[int, dict[str, Figure]]:
    """The rows of a `values(key).annotate(…)`, by the class's key."""
    return {row[key]: {name: value or 0 for name, value in row.items() if name != key} for row in rows}
