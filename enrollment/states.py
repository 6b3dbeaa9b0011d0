"""What leads from which state to which, for nominations and enrolments."""

from enrollment.models import (
    Enrollment,
    EnrollmentState,
    Nomination,
    NominationSheet,
    NominationState,
    SheetState,
)
from portal.operations.states import StateTable, Transition

_N, _E, _S = NominationState, EnrollmentState, SheetState

SHEET = StateTable(
    NominationSheet,
    SheetState,
    [
        Transition(_S.DRAFT, "submit", _S.SUBMITTED),
        Transition(_S.DRAFT, "withdraw", _S.WITHDRAWN),
    ],
)

NOMINATION = StateTable(
    Nomination,
    NominationState,
    [
        Transition(_N.DRAFT, "submit", _N.SUBMITTED),
        Transition(_N.DRAFT, "send_to_bureau", _N.AT_BUREAU),
        Transition(_N.AT_BUREAU, "forward", _N.SUBMITTED),
        Transition(_N.AT_BUREAU, "return", _N.RETURNED),
        Transition(_N.SUBMITTED, "return", _N.RETURNED),
        Transition(_N.RETURNED, "submit", _N.SUBMITTED),
        Transition(_N.RETURNED, "send_to_bureau", _N.AT_BUREAU),
        Transition(_N.SUBMITTED, "approve", _N.APPROVED),
        Transition(_N.AT_BUREAU, "reject", _N.REJECTED),
        Transition(_N.SUBMITTED, "reject", _N.REJECTED),
        Transition(_N.DRAFT, "lapse", _N.LAPSED),
        Transition(_N.RETURNED, "lapse", _N.LAPSED),
        Transition(_N.AT_BUREAU, "lapse", _N.LAPSED),
        Transition(_N.SUBMITTED, "lapse", _N.LAPSED),
        Transition(_N.DRAFT, "withdraw", _N.WITHDRAWN),
        Transition(_N.AT_BUREAU, "withdraw", _N.WITHDRAWN),
        Transition(_N.SUBMITTED, "withdraw", _N.WITHDRAWN),
        Transition(_N.RETURNED, "withdraw", _N.WITHDRAWN),
        Transition(_N.APPROVED, "replace", _N.REPLACED),
        Transition(_N.APPROVED, "withdraw", _N.WITHDRAWN),
    ],
)

ENROLLMENT = StateTable(
    Enrollment,
    EnrollmentState,
    [
        Transition(_E.APPROVED, "register", _E.REGISTERED),
        Transition(_E.REGISTERED, "confirm_by_base", _E.BASE_CONFIRMED),
        Transition(_E.BASE_CONFIRMED, "confirm_by_office", _E.CONFIRMED),
        Transition(_E.REGISTERED, "send_back", _E.APPROVED),
        Transition(_E.BASE_CONFIRMED, "send_back", _E.APPROVED),
        # Nobody came in the place of someone who was replaced: the seat and the place are free again.
        Transition(_E.REPLACED, "give_up", _E.WITHDRAWN),
        *(
            Transition(source, "replace", _E.REPLACED)
            for source in (_E.APPROVED, _E.REGISTERED, _E.BASE_CONFIRMED, _E.CONFIRMED)
        ),
    ],
)
