"""What an app declares to have its sheets imported: the layout, who may, how rows are judged and taken.

register(ImportKind(
    code="enrollment.nominations",
    label=_("推荐汇总表"),
    sheet=NOMINATIONS,                 # or a function of the context, when columns are data
    prepare=nomination_context,        # (actor, params) -> JSON context; raises what the actor may not do
    judge=judge_nominations,           # (batch, rows) -> one RowVerdict a row, in sets
    take=take_nominations,             # (actor, batch, ready rows) -> Receipt, calling the app's operation
))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from portal.sheets.findings import CellFinding, blocked
from portal.sheets.layout import Sheet
from portal.sheets.models import ImportBatch, Outcome
from portal.sheets.reading import ParsedRow

if TYPE_CHECKING:
    from portal.errors import Text
    from portal.operations.actor import Actor

Context = dict[str, Any]


_NOTHING: Mapping[str, Any] = {}


class RowVerdict(NamedTuple):
    """What would become of a row. `payload` is JSON that `take` is given back: the keys that were looked up."""

    row: ParsedRow
    outcome: Outcome = Outcome.READY
    findings: Sequence[CellFinding] = ()
    payload: Mapping[str, Any] = _NOTHING


class ReadyRow(NamedTuple):
    """A row to be taken: its number in the file, typed values by column key, the payload of its verdict."""

    number: int
    values: dict[str, Any]
    payload: dict[str, Any]


@dataclass(frozen=True)
class Receipt:
    """What was done: how many rows, further lines (label, text), and where the result is seen."""

    taken: int
    lines: Sequence[tuple[str, str]] = ()
    url: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "taken": self.taken,
            "lines": [[str(label), str(text)] for label, text in self.lines],
            "url": self.url,
        }


def _for_anybody(actor: Actor, params: Mapping[str, str]) -> Context:
    return {}


def _no_choices(context: Context) -> Mapping[str, Sequence[str]]:
    return {}


@dataclass(frozen=True)
class ImportKind:
    """`judge` and `take` work in sets: their number of queries must not grow with the rows.

    `prepare` returns the JSON context that says what the upload is for (which programme, which quota table) from the
    page's parameters, and raises NotAllowed and the like. `about` puts that context in words. `choices` gives the
    template's drop-down lists. `take` runs in one transaction with the batch's change of state.
    """

    code: str
    label: Text
    sheet: Sheet | Callable[[Context], Sheet]
    judge: Callable[[ImportBatch, Sequence[ParsedRow]], Iterable[RowVerdict]]
    take: Callable[[Actor, ImportBatch, Sequence[ReadyRow]], Receipt]
    prepare: Callable[[Actor, Mapping[str, str]], Context] = _for_anybody
    choices: Callable[[Context], Mapping[str, Sequence[str]]] = _no_choices
    about: Callable[[Context], str] = lambda context: ""

    def layout(self, context: Context) -> Sheet:
        """The layout in this context."""
        return self.sheet if isinstance(self.sheet, Sheet) else self.sheet(context)


_kinds: dict[str, ImportKind] = {}


def register(kind: ImportKind) -> ImportKind:
    """Make a kind known; an app does so in its `apps.ready()`. Raises ValueError for a code declared twice."""
    if _kinds.setdefault(kind.code, kind) is not kind:
        raise ValueError(f"import kind {kind.code} is declared twice")
    return kind


def find_kind(code: str) -> ImportKind:
    """The kind `code`. Raises KeyError."""
    return _kinds[code]


def verdicts(kind: ImportKind, batch: ImportBatch, rows: Sequence[ParsedRow]) -> list[RowVerdict]:
    """One verdict a row, in the file's order: unreadable rows are errors, the others are the kind's to judge.

    Raises ValueError when the kind leaves a row out: no row may vanish between file and receipt.
    """
    sound = [row for row in rows if row.sound]
    judged = {verdict.row.number: verdict for verdict in kind.judge(batch, sound)}
    if len(judged) != len(sound):
        raise ValueError(f"{kind.code} judged {len(judged)} of {len(sound)} rows")
    return [_final(row, judged.get(row.number)) for row in rows]


def _final(row: ParsedRow, judged: RowVerdict | None) -> RowVerdict:
    if judged is None:
        return RowVerdict(row, Outcome.ERROR, row.findings)
    findings = [*row.findings, *judged.findings]
    outcome = judged.outcome
    if outcome == Outcome.READY and blocked(findings):
        outcome = Outcome.ERROR
    return RowVerdict(row, outcome, findings, judged.payload)
