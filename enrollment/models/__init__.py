"""Nominations and enrolments."""

from enrollment.models.arrival import Arrival, ArrivalMethod, CheckIn, OutcomeKind, TrainingOutcome
from enrollment.models.enrollment import (
    STANDING,
    Ban,
    ClassCode,
    Enrollment,
    EnrollmentState,
    RegistrationCode,
    Replacement,
    SchoolOpinion,
    seen_by,
)
from enrollment.models.nomination import (
    LIVE,
    NOT_NOMINATED,
    Nomination,
    NominationSheet,
    NominationState,
    SheetState,
)

__all__ = [
    "LIVE",
    "NOT_NOMINATED",
    "STANDING",
    "Arrival",
    "ArrivalMethod",
    "Ban",
    "CheckIn",
    "ClassCode",
    "Enrollment",
    "EnrollmentState",
    "Nomination",
    "NominationSheet",
    "NominationState",
    "OutcomeKind",
    "RegistrationCode",
    "Replacement",
    "SchoolOpinion",
    "SheetState",
    "TrainingOutcome",
    "seen_by",
]
