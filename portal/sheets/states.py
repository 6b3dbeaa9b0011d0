"""How an import batch moves."""

from __future__ import annotations

from portal.operations.states import StateTable, Transition
from portal.sheets.models import BatchState, ImportBatch

_UPLOADED, _PARSING, _PREVIEWED = BatchState.UPLOADED, BatchState.PARSING, BatchState.PREVIEWED
_TAKING = BatchState.TAKING

BATCH = StateTable(
    ImportBatch,
    BatchState,
    [
        Transition(_UPLOADED, "parse", _PARSING),
        # A killed worker's batch is parsed again; a preview is checked again.
        Transition(_PARSING, "parse", _PARSING),
        Transition(_PREVIEWED, "recheck", _PARSING),
        Transition(_PARSING, "preview", _PREVIEWED),
        Transition(_PARSING, "refuse", BatchState.REFUSED),
        Transition(_PREVIEWED, "take", _TAKING),
        Transition(_TAKING, "finish", BatchState.TAKEN),
        Transition(_TAKING, "return", _PREVIEWED),
        Transition(_UPLOADED, "cancel", BatchState.CANCELLED),
        Transition(_PARSING, "cancel", BatchState.CANCELLED),
        Transition(_PREVIEWED, "cancel", BatchState.CANCELLED),
    ],
)
