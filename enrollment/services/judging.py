"""Judging candidates by the programme's rules: the one place where pages, imports and tasks get their findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from enrollment.cases import Candidate, gather_cases
from portal.rulebook.findings import Finding, require
from portal.rulebook.kinds import judge, rules_for
from portal.rulebook.models import Rulebook

SHEET_RULE = "enrollment.stamped_scan"
# What judges a person; the stamped scan judges a sheet.
PERSON_RULES = (
    "enrollment.audience",
    "enrollment.seats",
    "enrollment.completeness",
    "enrollment.no_duplicate",
    "enrollment.no_overlap",
    "enrollment.not_banned",
    "enrollment.same_subject_substitute",
)


def findings_for(rulebook: Rulebook, candidates: Sequence[Candidate], on: date) -> list[list[Finding]]:
    """What each rule says of each candidate, in order. Five queries whatever their number."""
    rules = rules_for(rulebook, *PERSON_RULES)
    return [judge(rules, case) for case in gather_cases(candidates, on)]


@dataclass(frozen=True)
class SheetCase:
    """What the rule of a nomination sheet looks at."""

    has_scan: bool


def scan_required(rulebook: Rulebook) -> bool:
    """Whether the notice refuses a sheet without its stamped scan; one that only warns, or is silent, does not. One
    query."""
    return any(each.blocks for each in judge(rules_for(rulebook, SHEET_RULE), SheetCase(has_scan=False)))


def require_scan(rulebook: Rulebook, *, has_scan: bool) -> None:
    """Raise RuleBroken where the notice asks for a stamped scan and there is none. One query. Source: CQ20-6.2."""
    require(judge(rules_for(rulebook, SHEET_RULE), SheetCase(has_scan)))
