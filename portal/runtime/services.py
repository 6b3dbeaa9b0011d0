"""The databases the portal stands on, up for as long as somebody uses them, and the variables that lead to them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import psycopg2

from portal.runtime.account import server_account
from portal.runtime.keys import kept_keys
from portal.runtime.locks import Lock, alone
from portal.runtime.places import services_dir
from portal.runtime.postgres import DATABASE, Postgres
from portal.runtime.valkey import Valkey

Server = Postgres | Valkey
Report = Callable[[str, str], AbstractContextManager[None]]


def _silently(_chinese: str, _english: str) -> AbstractContextManager[None]:
    return nullcontext()


class Services:
    """The servers that nobody provides by DATABASE_URL or REDIS_URL, so that we run them ourselves."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.base = services_dir(state, server_account())
        self.postgres = None if os.environ.get("DATABASE_URL") else Postgres(self.base)
        self.valkey = None if os.environ.get("REDIS_URL") else Valkey(self.base)
        self._users = Lock(self.base / "users.lock")

    @property
    def servers(self) -> list[Server]:
        """The servers in the order in which they start."""
        return [server for server in (self.postgres, self.valkey) if server]

    def environment(self) -> dict[str, str]:
        """Return the variables that the settings need and the caller's environment lacks."""
        given = set(os.environ)
        found = {"STATE_DIR": str(self.state)}
        if self.postgres:
            found["DATABASE_URL"] = self.postgres.url
        if self.valkey:
            found["REDIS_URL"] = self.valkey.url
        if not {"SECRET_KEY", "FIELD_KEYS", "DIGEST_KEY"} <= given:
            found |= kept_keys(
                self.state, database_exists=bool(self.postgres and self.postgres.data.exists())
            )
        return {name: value for name, value in found.items() if not os.environ.get(name)}

    def acquire(self, report: Report = _silently) -> None:
        """Bring the servers up and count ourselves among their users. `report` frames the start of each."""
        with self.transition():
            self._users.take(shared=True)
            (self.state / "staticfiles").mkdir(exist_ok=True)  # WhiteNoise warns where it is missing
            self.environment()  # the keys first: a database without its keys must never come to be
            for server in self.servers:
                with report(f"启动 {server.name}", f"Starting {server.name}"):
                    server.start()
            if self.postgres:
                create_database(self.postgres)

    def revive(self) -> list[str]:
        """Start again the servers that have died; return their names."""
        dead = [server for server in self.servers if not server.is_ready() and not server.is_running()]
        if dead:
            with self.transition():
                for server in dead:
                    server.start()
        return [server.name for server in dead]

    def stop_all(self) -> None:
        """Stop the servers that a killed user left running. Raises RuntimeError when somebody uses them."""
        with self.transition():
            if not self._users.try_take():
                raise RuntimeError(
                    f"Another command uses the databases in {self.base}. Wait for it, or end it."
                )
            for server in reversed(self.servers):
                server.stop()
            self._users.close()

    def transition(self) -> AbstractContextManager[None]:
        """Keep others from starting or stopping the servers for the block."""
        return alone(self.base / "transition.lock")

    def release(self) -> None:
        """Stop the servers, PostgreSQL last, unless somebody else still uses them."""
        with self.transition():
            if self._users.try_take():
                for server in reversed(self.servers):
                    server.stop()
            self._users.close()


@contextmanager
def services(state: Path) -> Iterator[dict[str, str]]:
    """Have the services up for the block; gives the whole environment for child processes."""
    held = Services(state)
    held.acquire()
    try:
        yield {**os.environ, **held.environment()}
    finally:
        held.release()


def create_database(postgres: Postgres, name: str = DATABASE) -> None:
    """Create database `name` in the cluster unless it is there."""
    connection = psycopg2.connect(host=str(postgres.sockets), user=DATABASE, dbname="postgres")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{name}"')
    finally:
        connection.close()
