"""Runs a main of `portal.sheets.sandbox` in a process that may die: the worker lives on."""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import structlog

from portal.sheets.refusals import refused

# Isolated, without site: nothing is imported that the main does not ask for.
_COMMAND = (
    "import sys; sys.path += sys.argv[1:3]; del sys.argv[1:3]; from sandbox.{module} import main; main()"
)
_log = structlog.get_logger(__name__)


@lru_cache(maxsize=1)
def _places() -> tuple[str, str]:
    """Where the child finds the sandbox and the libraries."""
    spec = find_spec("python_calamine")
    if spec is None or spec.origin is None:
        raise RuntimeError("python-calamine is not installed")
    return str(Path(__file__).parent), str(Path(spec.origin).parent.parent)


def run(module: str, data: bytes, *arguments: str, seconds: float) -> bytes:
    """Return what the main of `sandbox.<module>` wrote for `data`.

    `seconds` is wall time. Raises FileRefused when the child dies, whatever it died of.
    """
    python = [sys.executable, "-I", "-S", "-X", "utf8", "-c", _COMMAND.format(module=module)]
    command = [*python, *_places(), *arguments]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=seconds, check=False, env={})
    except subprocess.TimeoutExpired as error:
        _log.warning("sheet_child_timeout", module=module, size=len(data))
        raise refused("too_heavy") from error
    if done.returncode != 0:
        _log.warning(
            "sheet_child_died",
            module=module,
            status=done.returncode,
            error=done.stderr[-400:].decode(errors="replace"),
        )
        raise refused("too_heavy")
    return done.stdout
