"""`bin/run` as a newcomer runs it, with everything killed that can be killed. Slow, so one life tells the whole story."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from portal.runtime.children import is_alive, wait_until
from portal.runtime.leftovers import MARK, marked_processes
from portal.runtime.places import ROOT
from portal.runtime.postgres import Postgres
from portal.runtime.valkey import Valkey

START_SECONDS = 90


class Portal:
    """One state folder, and the `bin/run` that serves it."""

    def __init__(self, state: Path) -> None:
        self.state = state
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.env = {**os.environ, "STATE_DIR": str(state), "PORT": str(self.port), "DEMO": "0"}
        self.log = state / "run.log"

    def start(self) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as output:
            command = [sys.executable, "-m", "portal.runtime", "run"]
            process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=output, stderr=output)
        assert wait_until(lambda: self.is_healthy() or process.poll() is not None, START_SECONDS), self.said()
        assert process.poll() is None, self.said()
        assert wait_until(lambda: "The portal is ready" in self.said(), START_SECONDS), self.said()
        return process

    def run_again(self, changes: dict[str, str]) -> tuple[int, str]:
        command = [sys.executable, "-m", "portal.runtime", "run"]
        done = subprocess.run(
            command, cwd=ROOT, env=self.env | changes, capture_output=True, text=True, check=False, timeout=60
        )
        return done.returncode, done.stdout

    def said(self) -> str:
        return self.log.read_text()

    def is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return bool(json.load(answer)["ok"])
        except (urllib.error.URLError, OSError):
            return False

    def processes(self) -> list[int]:
        return list(marked_processes(f"{MARK}={self.state}"))

    @property
    def servers(self) -> list[Postgres | Valkey]:
        return [Postgres(self.state / "services"), Valkey(self.state / "services")]


@pytest.fixture
def portal(base: Path, no_services_given: None) -> Iterator[Portal]:
    fonts = Path(os.environ["FONTS_OF_TESTS"])
    (base / "fonts").symlink_to(fonts)
    started = Portal(base)
    yield started
    for pid in started.processes():
        os.kill(pid, signal.SIGKILL)
    for server in reversed(started.servers):
        server.stop()


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not is_alive(pid), 10)


def query(portal: Portal, sql: str) -> list[tuple[object, ...]]:
    server = Postgres(portal.state / "services")
    connection = psycopg2.connect(host=str(server.sockets), user="portal", dbname="portal")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_it_survives_the_death_of_each_process_and_its_own(portal: Portal) -> None:
    first = portal.start()
    query(portal, "CREATE TABLE kept AS SELECT 1 AS number")

    for server in portal.servers:
        kill(server.pid())
        assert wait_until(portal.is_healthy, 30), f"{server.name} was not started again: {portal.said()}"

    before = set(portal.processes())
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: len(set(portal.processes()) - before) >= 3 and portal.is_healthy(), 60), (
        portal.said()
    )

    first.kill()
    first.wait()
    assert wait_until(lambda: not portal.processes(), 30), "the kernel ends what a killed bin/run started"
    databases = [server.pid() for server in portal.servers]

    second = portal.start()
    assert [server.pid() for server in portal.servers] == databases, "the databases are adopted, not doubled"
    assert query(portal, "SELECT number FROM kept") == [(1,)]

    refused, said = portal.run_again({})
    assert refused == 1
    assert "Another bin/run serves" in said
    refused, said = portal.run_again({"STATE_DIR": str(portal.state / "other")})
    assert refused == 1
    assert f"PORT={portal.port + 1} bin/run" in said
    assert second.poll() is None

    second.send_signal(signal.SIGINT)
    assert second.wait(60) == 0
    assert portal.processes() == []
    assert not any(server.is_running() for server in portal.servers)
