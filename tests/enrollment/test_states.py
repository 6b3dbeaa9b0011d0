"""What the state tables of nominations and enrolments promise; every cell is in tests/operations/test_state_tables.py."""

from __future__ import annotations

import pytest

from enrollment.models import STANDING, EnrollmentState, NominationState
from enrollment.states import ENROLLMENT, NOMINATION


@pytest.mark.clause("CQ20-3.2")
def test_nobody_registers_who_is_not_approved_and_no_one_is_confirmed_by_one_side_only() -> None:
    assert ENROLLMENT.sources("register") == [EnrollmentState.APPROVED]
    assert ENROLLMENT.sources("confirm_by_office") == [EnrollmentState.BASE_CONFIRMED]
    assert NOMINATION.sources("approve") == [NominationState.SUBMITTED]
    assert set(ENROLLMENT.sources("replace")) == set(STANDING)
