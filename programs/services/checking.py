"""What the rules say of a class before it is published."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Sum

from portal.rulebook.findings import Finding
from portal.rulebook.kinds import judge, rules_for
from programs.models import ClassState, TrainingClass
from programs.rules.classes import DescriptionCase

DESCRIPTION_RULES = ("programs.timetable_hours", "programs.class_seats")


def publication_findings(training_class: TrainingClass) -> list[Finding]:
    """What the programme's rules say of the class's timetable and capacity. Four queries."""
    rules = rules_for(training_class.rulebook, *DESCRIPTION_RULES)
    return judge(rules, case_of(training_class)) if rules else []


def case_of(training_class: TrainingClass) -> DescriptionCase:
    """The class as the rules look at it. Two queries."""
    project = training_class.project
    lasting: timedelta | None = training_class.lessons.aggregate(sum=Sum(F("ends_at") - F("starts_at")))[
        "sum"
    ]
    others = project.classes.exclude(pk=training_class.pk).exclude(state=ClassState.CANCELLED)
    return DescriptionCase(
        minutes=round(lasting.total_seconds() / 60) if lasting else 0,
        capacity=training_class.capacity,
        others=others.aggregate(sum=Sum("capacity"))["sum"] or 0,
        project_hours=project.hours,
        project_seats=project.seats,
    )
