"""Where the apps to the right, and assessment's own parts, show themselves: figures of the performance summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from portal.ui.registry import Plug

Figure = int | Decimal
Figures = Mapping[int, Mapping[str, Figure]]

# Figures of classes by name, for the classes' keys. They must be such as may be added up (counts, sums, money): a base's
# figure is the sum of its classes', and ratios are made of sums. A constant number of queries, whatever the classes.
performance_figures: Plug[Callable[[Sequence[int]], Figures]] = Plug()
