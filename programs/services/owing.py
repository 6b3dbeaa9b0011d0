"""What is owed for which class, and until when: rows that follow the rulebook and the class's dates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from programs.models import (
    ANNOUNCED,
    Deliverable,
    DeliverableRequirement,
    TrainingClass,
    due_date,
)


def owe(classes: Iterable[TrainingClass]) -> int:
    """Make the missing rows of published classes and set due dates right; return how many were made.

    At most four queries, whatever the number of classes. Doing it again changes nothing.
    """
    found = [each for each in classes if each.state in ANNOUNCED]
    if not found:
        return 0
    wanted = _requirements({each.project.program.rulebook_id for each in found})
    stored = {
        (each.training_class_id, each.requirement_id): each
        for each in Deliverable.objects.filter(training_class__in=found)
    }
    rows = [
        Deliverable(training_class=each, requirement=requirement, due_on=due_date(requirement, each))
        for each in found
        for requirement in wanted[each.project.program.rulebook_id]
    ]
    moved = []
    for row in rows:
        held = stored.get((row.training_class_id, row.requirement_id))
        if held is not None and held.due_on != row.due_on:
            held.due_on = row.due_on
            moved.append(held)
    Deliverable.objects.bulk_update(moved, ["due_on"])
    new = [row for row in rows if (row.training_class_id, row.requirement_id) not in stored]
    Deliverable.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def forgive(training_class: TrainingClass) -> None:
    """Drop what a class that is no longer published owes, as long as nothing was handed in."""
    training_class.deliverables.filter(submissions=None).delete()


def _requirements(rulebooks: set[int]) -> dict[int, list[DeliverableRequirement]]:
    found: dict[int, list[DeliverableRequirement]] = defaultdict(list)
    for each in DeliverableRequirement.objects.filter(rulebook__in=rulebooks):
        found[each.rulebook_id].append(each)
    return found
