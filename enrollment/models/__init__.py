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
)
from enrollment.models.nomination import (
    LIVE,
    Nomination,
    NominationSheet,
    NominationState,
    SheetState,
)

__all__ = [
    "LIVE",
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
]
