"""The colour that goes with a state's word. Colour never stands alone: the word always does."""

from __future__ import annotations

OK, WAIT, WARN, BAD, IDLE, INFO = "ok", "wait", "warn", "bad", "idle", "info"

_WORDS = {
    OK: "approved published done confirmed registered open active issued passed pass taken valid accepted taking_part "
    "eligible enrolled ready sent finished settled current present",
    WAIT: "submitted in_review reviewing pending waiting held nominated previewed queued invited proposed",
    INFO: "running parsing taking sending uploaded started uploading replaced in_progress",
    WARN: "returned correction changes_requested overdue suspended lapsing warn partial late leave",
    BAD: "rejected failed block blocked banned refused error revoked lapsed absent no_show",
    IDLE: "draft closed cancelled withdrawn expired archived ended superseded inactive released planned new merged",
}
_TONES = {word: tone for tone, words in _WORDS.items() for word in words.split()}


def tone_of(state: object) -> str:
    """The tone of a state's code; a state nobody named here is calm grey."""
    return _TONES.get(str(state), IDLE)
