"""What may become of an issued paper."""

from portal.operations.states import StateTable, Transition
from portal.papers.models import IssuedPaper, PaperState

PAPERS = StateTable(
    IssuedPaper,
    PaperState,
    [
        Transition(PaperState.PENDING, "issue", PaperState.VALID),
        Transition(PaperState.VALID, "supersede", PaperState.SUPERSEDED),
        Transition(PaperState.VALID, "revoke", PaperState.REVOKED),
    ],
)
