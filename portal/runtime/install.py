"""Makes the virtual environment from a hash-pinned lock. Runs before it exists: standard library only, no package import.

Usage: python3 -I portal/runtime/install.py main|dev
"""

from __future__ import annotations

import ast
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
LOCK = ROOT / "var" / "install.lock"
# Installs the lock ten times faster than pip; its own hash is pinned in requirements/uv.lock.
UV_LOCK = ROOT / "requirements" / "uv.lock"
OLDEST_PYTHON = (3, 11)


def main(arguments: list[str]) -> int:
    """Bring the environment up to the lock named by the argument; return the exit status."""
    name = arguments[0] if arguments else "main"
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        sys.stderr.write(
            f"需要 Python {wanted} 或更新版本；当前是 {sys.version.split()[0]}。请安装后重试。\n"
        )
        return 1
    if is_current(name):
        return 0
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second start waits for the first one's install
        if not is_current(name):
            install(name)
    return 0


def is_current(name: str) -> bool:
    """Tell whether the environment holds what lock `name` says. The development one holds the main one, too."""
    if not (VENV / "bin" / "python").exists():
        return False
    wanted = {stamp_text(lock) for lock in {name, "dev"}}
    stamp = VENV / "installed"
    return stamp.exists() and stamp.read_text() in wanted


def stamp_text(name: str) -> str:
    """Return what the stamp of a finished install of lock `name` says."""
    digest = hashlib.sha256((ROOT / "requirements" / f"{name}.lock").read_bytes()).hexdigest()
    return f"{name} {digest} python{sys.version_info.major}.{sys.version_info.minor}\n"


def install(name: str) -> None:
    """Install lock `name`; the stamp is written last, so that an interrupted install is done again."""
    began = time.monotonic()
    sys.stderr.write(f"安装依赖 Installing what requirements/{name}.lock pins …\n")
    (VENV / "installed").unlink(missing_ok=True)
    if not has_working_python():
        shutil.rmtree(VENV, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    if not install_with_uv(name):
        install_with_pip(name)
    (VENV / "installed").write_text(stamp_text(name))
    sys.stderr.write(f"安装依赖 Installed in {time.monotonic() - began:.1f} s\n")


def has_working_python() -> bool:
    """Tell whether the environment's interpreter is of our version and runs."""
    probe = "import pip, sys; sys.exit(sys.version_info[:2] != tuple(map(int, sys.argv[1:])))"
    version = [str(sys.version_info.major), str(sys.version_info.minor)]
    python = VENV / "bin" / "python"
    if not python.exists():
        return False
    return (
        subprocess.run(
            [str(python), "-c", probe, *version], check=False, stderr=subprocess.DEVNULL
        ).returncode
        == 0
    )


def install_with_uv(name: str) -> bool:
    """Install with uv; tell whether that worked."""
    python = str(VENV / "bin" / "python")
    quiet = ["--quiet", "--disable-pip-version-check"]
    got = subprocess.run(
        [python, "-m", "pip", "install", *quiet, "--require-hashes", "-r", str(UV_LOCK)], check=False
    )
    if got.returncode:
        return False
    command = [
        str(VENV / "bin" / "uv"),
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "-r",
        lock_path(name),
    ]
    done = subprocess.run(
        command, check=False, env={**os.environ, **uv_environment(), "VIRTUAL_ENV": str(VENV)}
    )
    return done.returncode == 0


def uv_environment() -> dict[str, str]:
    """Return the mirrors and certificates that pip is set to use here: uv does not read pip's settings itself.

    Any mirror may serve any package, as with pip: the hashes in the lock decide what is accepted.
    """
    command = [str(VENV / "bin" / "python"), "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    settings = dict(line.split("=", 1) for line in listed.splitlines() if "=" in line)
    names = {
        "global.index-url": "UV_DEFAULT_INDEX",
        "global.extra-index-url": "UV_INDEX",
        "global.cert": "SSL_CERT_FILE",
    }
    found = {names[key]: str(ast.literal_eval(value)) for key, value in settings.items() if key in names}
    found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: value for name, value in found.items() if name not in os.environ}


def install_with_pip(name: str) -> None:
    """Install with pip, where uv cannot be had. Raises CalledProcessError."""
    sys.stderr.write("uv 不可用，改用 pip（较慢） uv cannot be used here: taking pip, which is slower\n")
    python = str(VENV / "bin" / "python")
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    subprocess.run([*command, "-r", lock_path(name)], check=True)


def lock_path(name: str) -> str:
    """Return the path of lock file `name`."""
    return str(ROOT / "requirements" / f"{name}.lock")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
