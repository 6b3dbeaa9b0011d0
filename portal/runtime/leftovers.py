"""What a killed `bin/run` left running: its processes carry a mark in their environment by which the next start ends them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from portal.runtime.children import is_alive, wait_until

MARK = "PORTAL_RUN"
PATIENCE_SECONDS = 20


def mark(state: Path) -> str:
    """Return the value of MARK in the environment of the processes that serve `state`."""
    return str(state)


def end_leftovers(state: Path) -> int:
    """End every process that an earlier run for `state` started; return how many there were."""
    found = list(marked_processes(f"{MARK}={mark(state)}"))
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in found:
            signal_process(pid, number)
        if wait_until(lambda: not any(map(is_alive, found)), PATIENCE_SECONDS, pause=0.05):
            break
    return len(found)


def signal_process(pid: int, number: signal.Signals) -> None:
    """Send a signal to `pid`, which may have ended meanwhile."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def marked_processes(text: str) -> Iterator[int]:
    """Yield the processes, other than this one, that were started with `text` in their environment."""
    for pid, environment in _environments():
        if pid != os.getpid() and text.encode() in environment:
            yield pid


def _environments() -> Iterator[tuple[int, list[bytes]]]:
    """Yield each readable process and its environment as it was at its start."""
    if sys.platform != "linux":
        listed = subprocess.run(
            ["ps", "-axEww", "-o", "pid=,command="], capture_output=True, check=True
        ).stdout
        for line in listed.splitlines():
            pid, *words = line.split()
            yield int(pid), words
        return
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield int(folder.name), (folder / "environ").read_bytes().split(b"\0")
        except OSError:  # another account's, or it has just ended
            continue
