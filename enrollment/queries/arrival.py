"""Rows and figures of arriving."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from enrollment.models import Arrival, Enrollment
from enrollment.rules.arrival import KIND, ArrivalRule
from portal.rulebook.kinds import rules_for
from portal.rulebook.models import Rulebook
from programs.models import ClassState, TrainingClass


def arrival_rows(training_class: TrainingClass) -> QuerySet[Enrollment]:
    """The class's roster by name, with each one's check-in where there is one. One query."""
    rows = Enrollment.objects.on_roster().filter(training_class=training_class)
    return rows.select_related("teacher", "school", "check_in").order_by("teacher__sort_key", "pk")


def arrival_counts(training_class: TrainingClass) -> dict[str, int]:
    """expected, present, no_show, forms: how many people of the class. One query."""
    rows = Enrollment.objects.on_roster().filter(training_class=training_class).order_by()
    return rows.aggregate(
        expected=Count("pk"),
        present=Count("pk", filter=Q(check_in__state=Arrival.PRESENT)),
        no_show=Count("pk", filter=Q(check_in__state=Arrival.NO_SHOW)),
        forms=Count("pk", filter=Q(check_in__form_copies__gt=0)),
    )


def present_in(training_class: TrainingClass) -> QuerySet[Enrollment]:
    """Who is on the roster and has come: those who attend, are graded, and whom the caps count."""
    return Enrollment.objects.on_roster().filter(
        training_class=training_class, check_in__state=Arrival.PRESENT
    )


def classes_to_close(today: date) -> list[int]:
    """Keys of open classes whose reporting is over and in which somebody has neither come nor been written down."""
    waiting = Enrollment.objects.on_roster().filter(training_class=OuterRef("pk"), check_in=None)
    found: list[int] = []
    for book in Rulebook.objects.published():
        bound = next(iter(rules_for(book, KIND)), None)
        if bound is None or not isinstance(bound.kind, ArrivalRule):
            continue
        rows = TrainingClass.objects.filter(
            Exists(waiting),
            project__program__rulebook=book,
            state=ClassState.OPEN,
            starts_on__lte=today - timedelta(days=bound.kind.days),
        )
        found += rows.order_by("pk").values_list("pk", flat=True)
    return found


def unarrived(rows: QuerySet[TrainingClass]) -> QuerySet[TrainingClass]:
    """Of `rows`, the classes with trainees of whom nothing is written down, with their number as `waiting`."""
    standing = Enrollment.objects.on_roster().filter(check_in=None).values("pk")
    return rows.annotate(waiting=Count("enrollments", filter=Q(enrollments__in=standing))).filter(
        waiting__gt=0, state=ClassState.OPEN
    )
