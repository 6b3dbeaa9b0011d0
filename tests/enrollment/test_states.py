"""Every cell of the state tables of sheets, nominations and enrolments, written out a second time by hand."""

from __future__ import annotations

import pytest

from enrollment.models import STANDING, EnrollmentState, NominationState, SheetState
from enrollment.states import ENROLLMENT, NOMINATION, SHEET
from portal.errors import WrongState
from portal.operations.states import StateTable

# state: {action: target}; what is not here must be refused.
SHEETS = {"draft": {"submit": "submitted", "withdraw": "withdrawn"}}
NOMINATIONS = {
    "draft": {
        "submit": "submitted",
        "send_to_bureau": "at_bureau",
        "lapse": "lapsed",
        "withdraw": "withdrawn",
    },
    "at_bureau": {
        "forward": "submitted",
        "return": "returned",
        "reject": "rejected",
        "lapse": "lapsed",
        "withdraw": "withdrawn",
    },
    "submitted": {
        "approve": "approved",
        "return": "returned",
        "reject": "rejected",
        "lapse": "lapsed",
        "withdraw": "withdrawn",
    },
    "returned": {
        "submit": "submitted",
        "send_to_bureau": "at_bureau",
        "lapse": "lapsed",
        "withdraw": "withdrawn",
    },
    "approved": {"replace": "replaced", "withdraw": "withdrawn"},
}
LEAVING = {"replace": "replaced", "withdraw": "withdrawn"}
ENROLLMENTS = {
    "approved": {"register": "registered", **LEAVING},
    "registered": {"confirm_by_base": "base_confirmed", "send_back": "approved", **LEAVING},
    "base_confirmed": {"confirm_by_office": "confirmed", "send_back": "approved", **LEAVING},
    "confirmed": LEAVING,
    "replaced": {"give_up": "withdrawn"},
}
TABLES = [
    (SHEET, SheetState, SHEETS),
    (NOMINATION, NominationState, NOMINATIONS),
    (ENROLLMENT, EnrollmentState, ENROLLMENTS),
]
CELLS = [
    pytest.param(
        table, state.value, action, expected.get(state.value, {}).get(action), id=f"{state}-{action}"
    )
    for table, states, expected in TABLES
    for state in states
    for action in sorted({each.action for each in table.transitions})
]


@pytest.mark.parametrize(("table", "state", "action", "target"), CELLS)
def test_every_cell(table: StateTable, state: str, action: str, target: str | None) -> None:
    assert table.target(state, action) == target
    if target is None:
        with pytest.raises(WrongState, match=str(table.labels(state).label)):
            table.apply(table.model(state=state), action)


@pytest.mark.parametrize(("table", "states", "expected"), TABLES)
def test_no_action_was_forgotten(
    table: StateTable, states: type, expected: dict[str, dict[str, str]]
) -> None:
    written = {(state, action) for state, actions in expected.items() for action in actions}
    assert {(str(each.source), each.action) for each in table.transitions} == written


@pytest.mark.clause("CQ20-3.2")
def test_nobody_registers_who_is_not_approved_and_no_one_is_confirmed_by_one_side_only() -> None:
    assert ENROLLMENT.sources("register") == [EnrollmentState.APPROVED]
    assert ENROLLMENT.sources("confirm_by_office") == [EnrollmentState.BASE_CONFIRMED]
    assert NOMINATION.sources("approve") == [NominationState.SUBMITTED]
    assert set(ENROLLMENT.sources("replace")) == set(STANDING)
