"""`bin/style`: how our code measures beside the codebases we admire. Standard library only.

Files and functions of Python, migrations left out; a function's lines run from its `def` to its end, as in the table
it is compared with. Exits with 1 when a bound that we hold ourselves to is missed.
"""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("portal", "programs", "quotas", "enrollment", "assessment", "finance")
LONGEST_FUNCTION = 60
LONGEST_FILE = 400
HEAD = (
    "project",
    "file lines median/p90",
    "function lines median/p90",
    "functions > 60",
    "annotated",
    "test:code",
)
OTHERS = (
    ("healthchecks", "42 / 161", "8 / 32", "1.8 %", "100 %", "1.40"),
    ("pretalx", "75 / 387", "6 / 23", "1.3 %", "6 %", "2.00"),
    ("amy", "60 / 378", "6 / 25", "2.6 %", "100 %", "1.44"),
    ("netbox", "88 / 434", "7 / 27", "2.0 %", "4 %", "0.63"),
    ("wagtail", "65 / 377", "7 / 25", "1.6 %", "6 %", "1.88"),
    ("our bounds", "≤ 75 / ≤ 250", "≤ 7 / ≤ 25", "0", "100 %", "≥ 1.4"),
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Measure:
    """The figures of one codebase."""

    files: Sequence[int]
    functions: Sequence[tuple[int, str]]
    bare: Sequence[str]
    test_lines: int

    @property
    def long_functions(self) -> list[str]:
        """The places of functions longer than LONGEST_FUNCTION."""
        return [place for lines, place in self.functions if lines > LONGEST_FUNCTION]

    def row(self) -> tuple[str, ...]:
        """Return our row of the table."""
        lengths = [lines for lines, _ in self.functions]
        annotated = 1 - len(self.bare) / len(lengths)
        ratio = self.test_lines / sum(self.files)
        long = len(self.long_functions) / len(lengths)
        return (
            "ours",
            spread(self.files),
            spread(lengths),
            f"{long:.1%}",
            f"{annotated:.1%}",
            f"{ratio:.2f}",
        )


def spread(values: Sequence[int]) -> str:
    """Return median and 90th percentile of `values`."""
    tenths = statistics.quantiles(values, n=10, method="inclusive")
    return f"{statistics.median(values):.0f} / {tenths[8]:.0f}"


def measure(root: Path) -> Measure:
    """Measure the project in `root`."""
    sources = [path for package in PACKAGES for path in python_files(root / package)]
    functions: list[tuple[int, str]] = []
    bare: list[str] = []
    for path in sources:
        for function in functions_of(path):
            place = f"{path.relative_to(root)}:{function.lineno} {function.name}"
            functions.append(((function.end_lineno or function.lineno) - function.lineno + 1, place))
            if not is_annotated(function):
                bare.append(place)
    tests = sum(map(line_count, python_files(root / "tests")))
    # An empty __init__.py is no file to read; it would only flatter the median.
    return Measure([lines for lines in map(line_count, sources) if lines], functions, bare, tests)


def python_files(folder: Path) -> Iterator[Path]:
    """Yield the Python files below `folder`, migrations left out."""
    yield from (path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)


def line_count(path: Path) -> int:
    """Return the number of lines of `path`."""
    return len(path.read_text(encoding="utf-8").splitlines())


def functions_of(path: Path) -> Iterator[Function]:
    """Yield every function and method in `path`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def is_annotated(function: Function) -> bool:
    """Tell whether the result and every argument, `self` and `cls` aside, has its type."""
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    return function.returns is not None and all(
        each.annotation or each.arg in {"self", "cls"} for each in named
    )


def main() -> int:
    """Print the table; return 1 when a bound is missed."""
    found = measure(ROOT)
    rows = [HEAD, *OTHERS, found.row()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        sys.stdout.write(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n"
        )
    missed = [*(f"longer than {LONGEST_FUNCTION} lines: {place}" for place in found.long_functions)]
    missed += [f"not fully annotated: {place}" for place in found.bare]
    if max(found.files) > LONGEST_FILE:
        missed.append(f"a file of {max(found.files)} lines; none may have more than {LONGEST_FILE}")
    sys.stdout.writelines(f"{line}\n" for line in missed)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
