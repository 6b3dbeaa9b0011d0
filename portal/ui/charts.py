"""A chart is its table; the picture is drawn from it where there is a script (`components/chart.html`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from portal.errors import Text

    Figure = int | float | Decimal | None


class ChartKind(StrEnum):
    BAR = "bar"
    STACKED = "stacked"
    LINE = "line"
    PIE = "pie"


@dataclass(frozen=True)
class Series:
    """One row of figures, one for each label; None where there is none."""

    name: Text
    values: Sequence[Figure]


@dataclass(frozen=True)
class Chart:
    """`labels` along the axis named `axis`, and one or more series. Raises ValueError when their lengths differ."""

    title: Text
    kind: ChartKind
    axis: Text
    labels: Sequence[Text]
    series: Sequence[Series]
    unit: Text = ""

    def __post_init__(self) -> None:
        if any(len(each.values) != len(self.labels) for each in self.series):
            raise ValueError(f"chart {self.title}: every series needs {len(self.labels)} figures")

    @property
    def rows(self) -> Iterator[tuple[Text, list[Figure]]]:
        """The table: each label with its figures."""
        for index, label in enumerate(self.labels):
            yield label, [each.values[index] for each in self.series]
