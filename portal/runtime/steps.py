"""What the person at the terminal reads: each step by name, in Chinese and English, with the time it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unicodedata import east_asian_width

WIDTH = 62  # columns of a terminal that a step's names may take


def say(line: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def step(chinese: str, english: str) -> Iterator[None]:
    """Print the step's name when it begins, and its seconds when it has succeeded."""
    began = time.monotonic()
    sys.stdout.write(pad(f"• {chinese} {english}", WIDTH))
    sys.stdout.flush()
    try:
        yield
    except BaseException:
        say(" 失败 FAILED")
        raise
    say(f"{time.monotonic() - began:6.1f} s")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table whose columns stand in line also where the text is Chinese."""
    cells = [head, *rows]
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    ruler = "  ".join("-" * width for width in widths)
    lines = ["  ".join(map(pad, row, widths)).rstrip() for row in cells]
    return [lines[0], ruler, *lines[1:]]


def columns(text: str) -> int:
    """Return how many columns of a terminal `text` takes: a Han character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def pad(text: str, width: int) -> str:
    """Return `text` with spaces up to `width` columns."""
    return text + " " * max(0, width - columns(text))
