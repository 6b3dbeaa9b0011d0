"""For each clause of the five notices: what carries it out, and how many tests hold it."""

from __future__ import annotations

import csv
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.operations.discovery import load_everything
from portal.operations.registry import operations
from portal.rulebook.citing import cited
from portal.rulebook.marked_tests import count_marked
from portal.rulebook.notice_file import available

# The keys by which a table of a notice file is known, in order of preference.
NAMES = ("code", "kind", "subject_kind", "name")


@dataclass(frozen=True)
class Coverage:
    """One clause: `by` names what implements it, `tests` counts the tests marked with it."""

    clause: str
    notice: str
    requirement: str
    by: tuple[str, ...]
    tests: int
    required: bool

    @property
    def is_open(self) -> bool:
        return not self.by and not self.tests


def coverage() -> list[Coverage]:
    """Every clause of notices/clauses.csv, in its order."""
    load_everything()
    by = _implementations()
    tests = count_marked(Path(settings.BASE_DIR) / "tests")
    required = required_clauses()
    return [
        Coverage(
            clause=row["id"],
            notice=row["notice"],
            requirement=row["requirement"],
            by=tuple(by.get(row["id"], []) + cited(row["id"])),
            tests=tests[row["id"]],
            required=row["id"] in required,
        )
        for row in clause_table()
    ]


def clause_table() -> list[dict[str, str]]:
    """The rows of notices/clauses.csv: id, notice, clause, actor, kind, requirement, parameters, app."""
    with (Path(settings.NOTICES_DIR) / "clauses.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def required_clauses() -> set[str]:
    """The clauses that must be held by a test: notices/required.toml."""
    path = Path(settings.NOTICES_DIR) / "required.toml"
    return {
        clause for clauses in tomllib.loads(path.read_text(encoding="utf-8")).values() for clause in clauses
    }


def _implementations() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for operation in operations():
        for clause in operation.clauses:
            found[clause].append(f"operation {operation.code}")
    for code in available():
        for clause, what in _of_file(code):
            found[clause].append(what)
    return found


def _of_file(code: str) -> Iterator[tuple[str, str]]:
    data = tomllib.loads((Path(settings.NOTICES_DIR) / f"{code}.toml").read_text(encoding="utf-8"))
    for table, rows in data.items():
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict) and row.get("clause"):
                yield row["clause"], f"{table} {_name(row)}"


def _name(row: dict[str, Any]) -> str:
    return next((str(row[key]) for key in NAMES if row.get(key)), "")
