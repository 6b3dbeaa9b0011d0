"""What is wrong with one cell or one row, where, why, and on which clause it rests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Self

from portal.rulebook.findings import Citation, Verdict


@dataclass(frozen=True)
class CellFinding:
    """One finding. `column` is the letter and `title` the heading; both are empty when the whole row is meant."""

    sheet: str
    row: int
    column: str
    title: str
    value: str
    message: str
    severity: Verdict = Verdict.BLOCK
    citation: Citation | None = None
    sensitive: bool = False

    @property
    def blocks(self) -> bool:
        return self.severity == Verdict.BLOCK

    @property
    def cell(self) -> str:
        """“C5”; for a finding about a whole row “A5”."""
        return f"{self.column or 'A'}{self.row}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        citation = Citation(**data["citation"]) if data["citation"] else None
        return cls(**(data | {"severity": Verdict(data["severity"]), "citation": citation}))


def blocked(findings: Iterable[CellFinding]) -> bool:
    """Whether any of them blocks."""
    return any(each.blocks for each in findings)


def column_letter(index: int) -> str:
    """0 is “A”, 26 is “AA”."""
    letters = ""
    while index >= 0:
        index, rest = divmod(index, 26)
        letters = chr(65 + rest) + letters
        index -= 1
    return letters
