"""What leads from which state to which, for leave and for the grading of a class."""

from assessment.models import ClassGrading, GradingState, LeaveRequest, LeaveState
from portal.operations.states import StateTable, Transition

_G, _L = GradingState, LeaveState

LEAVE = StateTable(
    LeaveRequest,
    LeaveState,
    [
        Transition(_L.PENDING, "approve", _L.APPROVED),
        Transition(_L.PENDING, "refuse", _L.REFUSED),
        Transition(_L.PENDING, "withdraw", _L.WITHDRAWN),
    ],
)

GRADING = StateTable(
    ClassGrading,
    GradingState,
    [
        Transition(_G.OPEN, "submit", _G.SUBMITTED),
        Transition(_G.SUBMITTED, "return", _G.OPEN),
        Transition(_G.SUBMITTED, "close", _G.CLOSED),
        Transition(_G.CLOSED, "reopen", _G.OPEN),
    ],
)
