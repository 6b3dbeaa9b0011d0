"""Holding the garbage collector off work that makes objects by the thousand and throws few of them away."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Run a bounded piece of work without the collector, which would search what is growing again and again.

    What is counted down to nothing is freed as ever; cycles wait for the end.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
