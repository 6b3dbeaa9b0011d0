"""Report rows and figures of attendance and grades, computed in SQL."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, DecimalField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import NullIf, Round

from assessment.models import ATTENDED, Attendance, AttendanceStatus, Session
from enrollment.models import Arrival, Enrollment
from portal.ui.tallies import count_of
from programs.models import TrainingClass

_PER_CENT: DecimalField[Decimal, Decimal] = DecimalField(max_digits=4, decimal_places=1)


def with_attendance(rows: QuerySet[Enrollment]) -> QuerySet[Enrollment]:
    """`rows` with `held` (completed half-days of the class), `attended`, `late`, `on_leave`, `absent` and `rate`.

    `rate` is `attended` / `held` in per cent, one decimal, None before anything was held. No further query.
    """
    held = count_of(Session.objects.exclude(taken_at=None), "training_class", "training_class")
    marks = Attendance.objects.exclude(session__taken_at=None)
    counted = rows.annotate(
        held=held,
        attended=count_of(marks.filter(status__in=ATTENDED), "enrollment", "pk"),
        late=count_of(marks.filter(status=AttendanceStatus.LATE), "enrollment", "pk"),
        on_leave=count_of(marks.filter(status=AttendanceStatus.LEAVE), "enrollment", "pk"),
        absent=count_of(marks.filter(status=AttendanceStatus.ABSENT), "enrollment", "pk"),
    )
    return counted.annotate(rate=_rate(F("attended"), F("held")))


def with_class_attendance(rows: QuerySet[TrainingClass]) -> QuerySet[TrainingClass]:
    """`rows` with `held`, `planned` (all half-days), `present` (people who have come) and `marked` (their half-days)."""
    marks = Attendance.objects.filter(status__in=ATTENDED).exclude(session__taken_at=None)
    present = Enrollment.objects.on_roster().filter(check_in__state=Arrival.PRESENT)
    return rows.annotate(
        planned=count_of(Session.objects.all(), "training_class", "pk"),
        held=count_of(Session.objects.exclude(taken_at=None), "training_class", "pk"),
        present=count_of(present, "training_class", "pk"),
        marked=count_of(marks, "session__training_class", "pk"),
    )


def class_rate(row: Any) -> Decimal | None:
    """The attendance rate of a class counted so, over all its people: in per cent, None before anything was held."""
    whole = row.held * row.present
    return (Decimal(100 * row.marked) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else None


def rates_of(enrollments: Iterable[int]) -> dict[int, Decimal | None]:
    """The attendance rate of each, in per cent. One query."""
    rows: Any = with_attendance(Enrollment.objects.filter(pk__in=[*enrollments])).order_by()
    return dict(rows.values_list("pk", "rate"))


def session_rows(training_class: TrainingClass) -> QuerySet[Session]:
    """The class's half-days with how many are marked as what. One query."""
    rows = Session.objects.filter(training_class=training_class)
    return rows.annotate(
        marked=Count("attendances"),
        attended=Count("attendances", filter=Q(attendances__status__in=ATTENDED)),
        on_leave=Count("attendances", filter=Q(attendances__status=AttendanceStatus.LEAVE)),
        absent=Count("attendances", filter=Q(attendances__status=AttendanceStatus.ABSENT)),
    ).order_by("starts_at")


def overdue_sessions(classes: QuerySet[TrainingClass], now: datetime) -> QuerySet[Session]:
    """Half-days of `classes` that are over without a complete list."""
    return Session.objects.untaken(now).filter(training_class__in=classes)


def _rate(part: Any, whole: Any) -> Round:
    share: ExpressionWrapper[Any] = ExpressionWrapper(
        part * Value(Decimal("100.0")) / NullIf(whole, Value(0)),
        output_field=DecimalField(max_digits=12, decimal_places=4),
    )
    return Round(share, precision=1, output_field=_PER_CENT)
