"""From figures to points, score and rank. Pure: no queries. Source: CQ20-6.4."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from assessment.hooks import Figure

CENT, FULL = Decimal("0.01"), Decimal(100)


@dataclass(frozen=True)
class Line:
    """One line of the scheme: full `weight` from the share `target` on."""

    code: str
    name: str
    numerator: str
    denominator: str
    weight: Decimal
    target: Decimal

    def points(self, figures: Mapping[str, Figure]) -> Decimal | None:
        """The points that `figures` earn; None when a figure is missing or there is nothing to divide by."""
        above, below = figures.get(self.numerator), figures.get(self.denominator)
        if above is None or not below:
            return None
        reached = min(Decimal(1), Decimal(above) / Decimal(below) / self.target)
        return (self.weight * max(reached, Decimal(0))).quantize(CENT, ROUND_HALF_UP)

    def as_json(self) -> dict[str, str]:
        return {name: str(value) for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Line:
        return cls(**{**data, "weight": Decimal(data["weight"]), "target": Decimal(data["target"])})


@dataclass(frozen=True)
class Verdict:
    """Points by the line's code, and the score of 100 over the lines that could be reckoned; None when none could."""

    points: Mapping[str, Decimal]
    score: Decimal | None


def score(scheme: Sequence[Line], figures: Mapping[str, Figure]) -> Verdict:
    """What `figures` are worth. A line without figures is left out and its weight shared among the others."""
    found = {line.code: line.points(figures) for line in scheme}
    points = {code: value for code, value in found.items() if value is not None}
    weights = sum((line.weight for line in scheme if line.code in points), Decimal(0))
    if not weights:
        return Verdict(points, None)
    total = sum(points.values(), Decimal(0))
    return Verdict(points, (total * FULL / weights).quantize(CENT, ROUND_HALF_UP))


def add(rows: Iterable[Mapping[str, Figure]]) -> dict[str, Figure]:
    """The figures of many classes together; one that no class has stays unknown."""
    total: dict[str, Figure] = defaultdict(int)
    for row in rows:
        for name, value in row.items():
            total[name] += value
    return dict(total)


def ranks(scores: Sequence[Decimal | None]) -> list[int | None]:
    """The place of each score, the highest first; equal scores share a place, none has none."""
    known = sorted((each for each in scores if each is not None), reverse=True)
    place: dict[Decimal, int] = {}
    for number, each in enumerate(known, 1):
        place.setdefault(each, number)
    return [None if each is None else place[each] for each in scores]
