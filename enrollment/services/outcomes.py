"""What became of trainees, written down for the rules of later programmes. Called inside operations. CQ20-5.2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from enrollment.models import OutcomeKind, TrainingOutcome
from portal.operations.act import Act
from portal.rulebook.models import Clause


def keep_outcomes(act: Act, outcomes: Mapping[int, tuple[OutcomeKind, str]], clause: Clause | None) -> None:
    """Write (kind, name of the level) of each enrolment key, over what stood there. One statement."""
    TrainingOutcome.objects.bulk_create(
        (
            TrainingOutcome(enrollment_id=key, kind=kind, level_name=name, at=act.now, clause=clause)
            for key, (kind, name) in outcomes.items()
        ),
        update_conflicts=True,
        unique_fields=["enrollment"],
        update_fields=["kind", "level_name", "at", "clause"],
    )


def drop_outcomes(enrollments: Iterable[int], *kinds: OutcomeKind) -> None:
    """Take outcomes of `kinds` back: what they rested on no longer holds."""
    TrainingOutcome.objects.filter(enrollment__in=[*enrollments], kind__in=kinds).delete()
