"""Where things are: the project, its state, and the embedded services' folder and sockets."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

from portal.runtime.account import Account

ROOT = Path(__file__).resolve().parents[2]
NAME = "teacher-training-portal"
# Bytes a unix socket path may have (macOS has the shorter limit), less the longest file name put into the folder.
SOCKET_FOLDER_MAX = 103 - len("/.s.PGSQL.5432.lock")


def state_dir() -> Path:
    """Return the folder of uploads, keys and logs: STATE_DIR, or `var` in the project."""
    return Path(os.environ.get("STATE_DIR") or ROOT / "var").resolve()


def services_dir(state: Path, account: Account | None) -> Path:
    """Return the folder of the databases' files: below `state`, or below /var/lib where `account` cannot reach `state`."""
    state.mkdir(parents=True, exist_ok=True)
    if account is None or _reachable(state, account):
        return state / "services"
    return Path("/var/lib") / NAME / fingerprint(state)


def socket_dir(base: Path) -> Path:
    """Return a folder for the sockets of the services in `base`, short enough for a socket's path."""
    preferred = base / "run"
    if len(os.fsencode(preferred)) <= SOCKET_FOLDER_MAX:
        return preferred
    return Path(tempfile.gettempdir()) / f"ttp-{os.getuid()}-{fingerprint(base)}"


def fingerprint(path: Path) -> str:
    """Return 12 hex digits that stand for `path`."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _reachable(folder: Path, account: Account) -> bool:
    probe = ["test", "-x", str(folder)]
    return subprocess.run(probe, cwd="/", check=False, **account.popen()).returncode == 0
