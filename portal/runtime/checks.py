"""`bin/check`: everything that is checked without running the tests. `.ci/run` runs it, then the tests."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from portal.runtime.locked_files import problems_of_locks
from portal.runtime.places import ROOT
from portal.runtime.steps import say
from portal.runtime.testing import throw_away_environment

BIN = Path(sys.executable).parent
MANAGE = (sys.executable, str(ROOT / "manage.py"))
# What production sets, so that `check --deploy` judges what production runs.
PRODUCTION = {
    "DEBUG": "0",
    "DEMO": "0",
    "HTTPS": "1",
    "ALLOWED_HOSTS": "portal.example",
    "PUBLIC_URL": "https://portal.example",
}
CHECKS: Mapping[str, Sequence[str]] = {
    "ruff": (str(BIN / "ruff"), "check", "."),
    "format": (str(BIN / "ruff"), "format", "--check", "."),
    "mypy": (str(BIN / "mypy"), "."),
    "layers": (str(BIN / "lint-imports"),),
    "templates": (str(BIN / "djlint"), "templates", "--lint", "--quiet"),
    "migrations": (*MANAGE, "makemigrations", "--check", "--dry-run"),
    "deploy": (*MANAGE, "check", "--deploy", "--fail-level", "WARNING"),
    "style": (sys.executable, "-m", "portal.runtime.style"),
}


def check(names: Sequence[str]) -> int:
    """Run the checks `names`, or all; return 1 when one failed, 2 when there is no such check."""
    unknown = set(names) - {*CHECKS, "locks"}
    if unknown:
        say(f"bin/check [{' | '.join([*CHECKS, 'locks'])}]: there is no {', '.join(sorted(unknown))}")
        return 2
    with throw_away_environment(migrated=False) as env:
        failed = [name for name in names or [*CHECKS, "locks"] if not _passes(name, {**env, **PRODUCTION})]
    say(f"bin/check: {'failed: ' + ', '.join(failed) if failed else 'all passed'}")
    return 1 if failed else 0


def _passes(name: str, env: Mapping[str, str]) -> bool:
    began = time.monotonic()
    if name == "locks":
        found = problems_of_locks(ROOT)
        output, passed = "\n".join(found), not found
    else:
        done = subprocess.run(CHECKS[name], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        output, passed = done.stdout + done.stderr, done.returncode == 0
    say(f"{'ok    ' if passed else 'FAILED'} {name:16} {time.monotonic() - began:6.1f} s")
    if not passed or name == "style":
        say(output.rstrip())
    return passed
