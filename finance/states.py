"""What leads from which state to which, for budgets, transfers and final accounts."""

from finance.models import (
    Budget,
    BudgetState,
    FinalAccount,
    FinalAccountState,
    Transfer,
    TransferState,
)
from portal.operations.states import StateTable, Transition

_B, _T, _F = BudgetState, TransferState, FinalAccountState

BUDGET = StateTable(
    Budget,
    BudgetState,
    [
        Transition(_B.DRAFT, "submit", _B.SUBMITTED),
        Transition(_B.RETURNED, "submit", _B.SUBMITTED),
        Transition(_B.SUBMITTED, "withdraw", _B.DRAFT),
        Transition(_B.SUBMITTED, "return", _B.RETURNED),
        Transition(_B.SUBMITTED, "approve", _B.APPROVED),
        Transition(_B.SUBMITTED, "reject", _B.REJECTED),
        # What was refused may be drawn up anew.
        Transition(_B.REJECTED, "revise", _B.DRAFT),
    ],
)

TRANSFER = StateTable(
    Transfer,
    TransferState,
    [
        Transition(_T.PENDING, "carry_out", _T.DONE),
        Transition(_T.PENDING, "return", _T.RETURNED),
        Transition(_T.PENDING, "reject", _T.REJECTED),
        Transition(_T.PENDING, "withdraw", _T.WITHDRAWN),
    ],
)

FINAL_ACCOUNT = StateTable(
    FinalAccount,
    FinalAccountState,
    [
        Transition(_F.DRAFT, "submit", _F.SUBMITTED),
        Transition(_F.RETURNED, "submit", _F.SUBMITTED),
        Transition(_F.SUBMITTED, "withdraw", _F.DRAFT),
        Transition(_F.SUBMITTED, "return", _F.RETURNED),
        Transition(_F.SUBMITTED, "settle", _F.SETTLED),
    ],
)
