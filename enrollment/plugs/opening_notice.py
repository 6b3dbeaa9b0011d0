"""Whom the opening notice of a class is for: its trainees, their schools, their bureaus. Source: CQ20-3.4."""

from __future__ import annotations

from collections.abc import Iterator

from enrollment.models import Enrollment
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from programs.hooks import Addressee, addressees
from programs.models import TrainingClass


@addressees
def people_of(training_class: TrainingClass) -> Iterator[Addressee]:
    """Each trainee on the roster once, and each school and bureau behind them once. One query."""
    rows = Enrollment.objects.on_roster().filter(training_class=training_class)
    units: dict[int, Organization] = {}
    for each in rows.select_related("teacher__user", "school__parent", "organization").order_by("pk"):
        yield Addressee(each.school, each.teacher)
        for unit in (each.school, each.school.parent, each.organization):
            if unit is not None and unit.kind in {Kind.SCHOOL, Kind.COLLEGE, Kind.BUREAU}:
                units[unit.pk] = unit
    for unit in units.values():
        yield Addressee(unit)
