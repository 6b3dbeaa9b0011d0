"""What a lock file must be: every package pinned by version and hash, and no address of any registry."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ADDRESS = re.compile(
    r"\b(https?|git|ssh|file)(\+\w+)?://|^\s*-{1,2}(i|f|index|extra-index|find-links|trusted)\b", re.MULTILINE
)
PINNED = re.compile(r"^[A-Za-z0-9._-]+(\[[^]]+\])?==\S+.*\\$")


def problems_of_locks(root: Path) -> list[str]:
    """Return a line for each thing that is wrong with a lock file below `root`."""
    python = [
        line for file in sorted((root / "requirements").glob("*.lock")) for line in python_lock_problems(file)
    ]
    return [*python, *npm_lock_problems(root / "package-lock.json")]


def python_lock_problems(file: Path) -> list[str]:
    """Return what is wrong with a lock of Python packages."""
    text = file.read_text()
    found = [f"{file.name}: holds an address: {match.group()!r}" for match in ADDRESS.finditer(text)]
    for line in text.splitlines():
        if not line.startswith((" ", "#")) and line and not PINNED.match(line):
            found.append(f"{file.name}: not pinned by version and hash: {line}")
    return found


def npm_lock_problems(file: Path) -> list[str]:
    """Return what is wrong with package-lock.json."""
    text = file.read_text()
    found = [
        f"{file.name}: holds an address: {match.group()!r}"
        for match in ADDRESS.finditer(_without_funding(text))
    ]
    packages: dict[str, dict[str, Any]] = json.loads(text)["packages"]
    loose = [
        name for name, entry in packages.items() if name and not ("integrity" in entry and "version" in entry)
    ]
    return [*found, *(f"{file.name}: not pinned by version and hash: {name}" for name in loose)]


def _without_funding(text: str) -> str:
    """Return the lock less where its authors ask for gifts, which npm copies from each package."""
    lock = json.loads(text)
    for entry in lock["packages"].values():
        entry.pop("funding", None)
    return json.dumps(lock, indent=1)
