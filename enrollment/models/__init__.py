"""Nominations and enrolments."""

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
    "Ban",
    "ClassCode",
    "Enrollment",
    "EnrollmentState",
    "Nomination",
    "NominationSheet",
    "NominationState",
    "RegistrationCode",
    "Replacement",
    "SchoolOpinion",
    "SheetState",
]
