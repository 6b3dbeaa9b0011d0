"""Drives an embedded PostgreSQL: one cluster in a folder, reached by a unix socket only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from portal.runtime.account import Account, own, server_account
from portal.runtime.children import is_alive, spawn, wait_until
from portal.runtime.places import socket_dir
from portal.runtime.postgres_binaries import BUILTIN_LOCALE_MAJOR, Binaries, find_binaries

DATABASE = "portal"
START_SECONDS = 60
START_ATTEMPTS = 10
STOP_SECONDS = 30
DURABLE = {
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "listen_addresses": "",
}
# For tests, whose data need not outlive the machine.
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class Postgres:
    """The cluster in `base`: `start()` makes, starts or adopts it; `stop()` ends it."""

    name = "PostgreSQL"

    def __init__(self, base: Path, *, durable: bool = True) -> None:
        self.base = base.resolve()
        self.base.mkdir(parents=True, exist_ok=True)
        self.account: Account | None = server_account()
        self.data = self.base / "postgres"
        self.sockets = socket_dir(self.base)
        self.log = self.base / "postgres.log"
        self.durable = durable
        self._binaries: Binaries | None = None

    @property
    def binaries(self) -> Binaries:
        """The programs for this cluster's data; looked for once."""
        if self._binaries is None:
            made_by = self.data / "PG_VERSION"
            major = int(made_by.read_text()) if made_by.exists() else None
            self._binaries = find_binaries(self.base, self.account, major=major)
        return self._binaries

    @property
    def url(self) -> str:
        """The address that DATABASE_URL takes."""
        return f"postgres://{DATABASE}@/{self.sockets}/{DATABASE}"

    def start(self) -> str:
        """Bring the cluster up; return "adopted" when it already ran, else "started"."""
        own(self.sockets, self.account)
        self._make()
        if self.is_ready():
            return "adopted"
        self._run_until_ready()
        return "started"

    def is_ready(self) -> bool:
        """Tell whether the server accepts connections."""
        door = ["-h", str(self.sockets), "-U", DATABASE, "-d", "postgres"]
        return (
            subprocess.run([str(self.binaries["pg_isready"]), "-q", "-t", "2", *door], check=False).returncode
            == 0
        )

    def pid(self) -> int | None:
        """Return the postmaster's process id as its pid file says, alive or not."""
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return None

    def is_running(self) -> bool:
        """Tell whether the postmaster's process exists, ready or not."""
        pid = self.pid()
        return pid is not None and is_alive(pid)

    def stop(self) -> None:
        """Shut the server down: running transactions are rolled back, everything committed is kept."""
        pid = self.pid()
        if pid is None or not self.is_ready():
            return
        for number in (signal.SIGINT, signal.SIGQUIT):
            os.kill(pid, number)
            if wait_until(lambda: not is_alive(pid), STOP_SECONDS):
                return
        raise TimeoutError(f"PostgreSQL (process {pid}) does not stop; see {self.log}")

    def _make(self) -> None:
        """Make the cluster in a draft folder and move it into place, so that an interrupted start leaves no half of one."""
        if (self.data / "PG_VERSION").exists():
            return
        draft = self.data.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        own(draft, self.account)
        drop = self.account.popen() if self.account else {}
        made = subprocess.run(
            [self.binaries["initdb"], "-D", draft, *self._initdb_options()],
            cwd="/",
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,  # Ctrl-C at the terminal is ours to handle
            **drop,
        )
        if made.returncode:
            raise RuntimeError(f"initdb could not make the database in {draft}:\n{made.stdout}{made.stderr}")
        draft.rename(self.data)

    def _initdb_options(self) -> Iterator[str]:
        yield from ("-U", DATABASE, "--encoding=UTF8", "--auth=trust", "--no-instructions")
        yield "--data-checksums" if self.durable else "--no-sync"
        ctype = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        if self.binaries.major >= BUILTIN_LOCALE_MAJOR:
            # pg_trgm takes its letters from lc_ctype: with plain C it would be blind to Chinese.
            yield from (
                "--locale=C",
                f"--lc-ctype={ctype}",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
            )
        else:
            yield from ("--locale=C", f"--lc-ctype={ctype}")

    def _run_until_ready(self) -> None:
        """Start the server, again if need be: children of a killed one can hold its memory for a moment."""
        for _ in range(START_ATTEMPTS):
            if self._try_start():
                return
            time.sleep(0.3)
        raise RuntimeError(f"PostgreSQL does not start. The end of {self.log}:\n{self._last_words()}")

    def _try_start(self) -> bool:
        """Start the server once; tell whether it lives and accepts connections."""
        process = self._spawn()
        if wait_until(lambda: self.is_ready() or process.poll() is not None, START_SECONDS):
            return process.poll() is None
        raise TimeoutError(f"PostgreSQL is not ready after {START_SECONDS} s; see {self.log}")

    def _spawn(self) -> subprocess.Popen[bytes]:
        options = (
            DURABLE | ({} if self.durable else THROW_AWAY) | {"unix_socket_directories": str(self.sockets)}
        )
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return spawn(
            [self.binaries["postgres"], "-D", self.data, *settings],
            log=self.log,
            account=self.account,
            dies_with_us=None if self.durable else signal.SIGQUIT,
        )

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]
