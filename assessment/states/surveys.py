"""What leads from which state to which, for surveys, inspections and what inspections find."""

from assessment.models import Inspection, InspectionPoint, InspectionState, PointState, Survey, SurveyState
from portal.operations.states import StateTable, Transition

_I, _P = InspectionState, PointState

SURVEY = StateTable(Survey, SurveyState, [Transition(SurveyState.OPEN, "close", SurveyState.CLOSED)])

INSPECTION = StateTable(
    Inspection,
    InspectionState,
    [
        Transition(_I.PLANNED, "submit", _I.SUBMITTED),
        Transition(_I.PLANNED, "cancel", _I.CANCELLED),
        Transition(_I.SUBMITTED, "close", _I.CLOSED),
    ],
)

POINT = StateTable(
    InspectionPoint,
    PointState,
    [
        Transition(_P.OPEN, "answer", _P.ANSWERED),
        Transition(_P.RETURNED, "answer", _P.ANSWERED),
        Transition(_P.ANSWERED, "accept", _P.ACCEPTED),
        Transition(_P.ANSWERED, "return", _P.RETURNED),
    ],
)
