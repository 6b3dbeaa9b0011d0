"""What the rules of plans, openings and deliverables look at: one class as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class ClassCase:
    """A class. `plan` is the plan's state ("" when there is none), `plan_due` the last day to send it.

    `handed_in` has for each code of a requirement how many copies stand and how many are asked for.
    """

    name: str
    today: date
    has_needs: bool = False
    plan: str = ""
    plan_due: date | None = None
    has_notice: bool = False
    handed_in: Mapping[str, tuple[int, int]] = field(default_factory=dict)
