"""Starting and ending child processes, each in a session of its own."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from portal.runtime.account import Account

PR_SET_PDEATHSIG = 1
# Children may outlive whoever started them; those of ours that end are reaped in `is_alive`.
_started: dict[int, subprocess.Popen[bytes]] = {}


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | str = "/",
    account: Account | None = None,
    dies_with_us: signal.Signals | None = None,
) -> subprocess.Popen[bytes]:
    """Start `argv` in its own session, so that the terminal's Ctrl-C does not reach it before we end it in order.

    `dies_with_us` is the signal the kernel sends it (on Linux) when this process is killed.
    """
    output = log.open("ab") if log else None
    try:
        child = subprocess.Popen(
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_death_signal(dies_with_us) if dies_with_us else None,  # noqa: PLW1509 (we have one thread)
            **(account.popen() if account else {}),
        )
        _started[child.pid] = child
        return child
    finally:
        if output:
            output.close()


def _death_signal(number: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def is_alive(pid: int) -> bool:
    """Tell whether a process `pid` exists and is not a zombie; a child of ours that has ended is reaped."""
    child = _started.get(pid)
    if child:
        return child.poll() is None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:  # no /proc here, or it has just ended
        return not Path("/proc/self").exists()


def wait_until(condition: Callable[[], bool], seconds: float, *, pause: float = 0.02) -> bool:
    """Wait until `condition()` holds, at most `seconds`; tell whether it came to hold."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True
