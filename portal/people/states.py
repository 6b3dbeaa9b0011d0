"""The states of a transfer: one side asks, the other agrees or refuses, the asker may withdraw."""

from __future__ import annotations

from portal.operations.states import StateTable, Transition
from portal.people.models import Transfer, TransferState

TRANSFER = StateTable(
    Transfer,
    TransferState,
    [
        Transition(TransferState.REQUESTED, "agree", TransferState.AGREED),
        Transition(TransferState.REQUESTED, "refuse", TransferState.REFUSED),
        Transition(TransferState.REQUESTED, "withdraw", TransferState.WITHDRAWN),
    ],
)
