"""Rows and sums of published results. Source: CQ20-3.6."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from assessment.models import GradingState, Result
from portal.operations.actor import Actor
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from programs.models import TrainingClass

# What a page, a line and a message need of a result.
_ALL = (
    "level",
    "results__training_class__base",
    "enrollment__teacher__user",
    "enrollment__school",
    "enrollment__organization",
    "enrollment__project__program__rulebook",
    "enrollment__project__program__office__parent",
)


def result_rows(actor: Actor) -> QuerySet[Result]:
    """The results the actor sees, with what the list shows. One query."""
    rows = Result.objects.visible_to(actor).select_related(
        "level",
        "certificate",
        "results__training_class__base",
        "enrollment__teacher",
        "enrollment__school__parent",
        "enrollment__project__program",
    )
    return rows.defer("enrollment__teacher__resume", "enrollment__teacher__achievements")


def one_result(actor: Actor) -> QuerySet[Result]:
    """The same with all that its page needs."""
    return Result.objects.visible_to(actor).select_related(*_ALL, "certificate", "enrollment__base_opinion")


def class_rows(training_class: TrainingClass, actor: Actor | None = None) -> QuerySet[Result]:
    """A class's results by name, or those of them that the actor sees. One query."""
    seen = Result.objects.visible_to(actor) if actor else Result.objects.all()
    rows = seen.filter(results__training_class=training_class)
    return rows.select_related(*_ALL, "certificate", "enrollment__base_opinion").order_by(
        "enrollment__teacher__sort_key", "pk"
    )


def report_rows(unit: Organization) -> QuerySet[Result]:
    """The results of a unit's people and of those below it. One query."""
    rows = Result.objects.filter(enrollment__school__path__startswith=unit.path)
    return rows.select_related(
        "level", "enrollment__teacher", "enrollment__school", "enrollment__project"
    ).order_by("enrollment__school__path", "enrollment__teacher__sort_key", "pk")


def totals(rows: Iterable[Result]) -> dict[str, int]:
    """How many, how many passed and were excellent, how many hours and credits."""
    found = list(rows)
    return {
        "trainees": len(found),
        "passed": sum(each.passed for each in found),
        "excellent": sum(each.excellent for each in found),
        "hours": sum(each.hours for each in found),
        "credits": sum(each.credits or 0 for each in found),
    }


@dataclass(frozen=True)
class UnitLine:
    """One school's or district's sums."""

    unit: Organization
    trainees: int
    passed: int
    excellent: int
    hours: int
    credits: int


def by_unit(rows: QuerySet[Result], *, districts: bool) -> list[UnitLine]:
    """The sums of each school, or of each district (a college answers for itself). Two queries."""
    school = "enrollment__school"
    district = Case(When(**{f"{school}__kind": Kind.SCHOOL}, then=F(f"{school}__parent")), default=F(school))
    key = district if districts else F(school)
    found = list(rows.order_by().annotate(unit=key).values("unit").annotate(**_SUMS))
    units = Organization.objects.in_bulk([row["unit"] for row in found])
    lines = [_line(units[row["unit"]], row) for row in found]
    return sorted(lines, key=lambda line: line.unit.path)


def _line(unit: Organization, row: Mapping[str, Any]) -> UnitLine:
    return UnitLine(unit, row["trainees"], row["passed"], row["excellent"], row["hours"], row["credits"])


_SUMS: dict[str, Any] = {
    "trainees": Count("pk"),
    "passed": Count("pk", filter=Q(passed=True)),
    "excellent": Count("pk", filter=Q(excellent=True)),
    "hours": Sum("hours", default=0),
    "credits": Sum("credits", default=0),
}


def unpublished(bases: Sequence[int]) -> QuerySet[TrainingClass]:
    """Classes whose final grades nobody has published yet, or not since they were reopened.

    `published` is when their results were published last, None for the former.
    """
    published = Coalesce("results__republished_at", "results__published_at")
    rows = TrainingClass.objects.filter(base__in=bases, grading__state=GradingState.CLOSED)
    return rows.annotate(published=published).filter(
        Q(published=None) | Q(grading__closed_at__gt=F("published"))
    )
