"""Verdicts that cite their clause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from django.utils.translation import gettext as _

from portal.errors import RuleBroken


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict, no password
    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True)
class Citation:
    """Notice, clause and a short quotation. `clause` is the id, `section` its number in the notice."""

    notice: str
    clause: str
    section: str
    quote: str

    def __str__(self) -> str:
        return _("依据：%(notice)s%(section)s“%(quote)s”") % asdict(self)

    def as_json(self) -> dict[str, str]:
        return {
            "notice": self.notice,
            "clause": self.clause,
            "section": self.section,
            "quote": self.quote,
        }


@dataclass(frozen=True)
class Finding:
    """What one rule said of one case. `rule` is the rule kind's code."""

    rule: str
    verdict: Verdict
    message: str
    citation: Citation | None = None

    @property
    def blocks(self) -> bool:
        return self.verdict == Verdict.BLOCK

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "verdict": self.verdict.value,
            "message": self.message,
            "citation": self.citation.as_json() if self.citation else None,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        citation = Citation(**data["citation"]) if data.get("citation") else None
        return cls(data["rule"], Verdict(data["verdict"]), data["message"], citation)


def worst(findings: Iterable[Finding]) -> Verdict:
    """The gravest verdict of all."""
    verdicts = {each.verdict for each in findings}
    return next((each for each in (Verdict.BLOCK, Verdict.WARN) if each in verdicts), Verdict.PASS)


def require(findings: Sequence[Finding]) -> None:
    """Raise RuleBroken, with every finding, when one blocks."""
    blocking = [each for each in findings if each.blocks]
    if blocking:
        raise RuleBroken(
            "；".join(each.message for each in blocking), citation=blocking[0].citation, findings=findings
        )
