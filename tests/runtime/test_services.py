import os
import signal
import stat
import threading
from pathlib import Path

import pytest

from portal.runtime.children import wait_until
from portal.runtime.services import Services, services

pytestmark = pytest.mark.usefixtures("no_services_given")


def test_they_are_up_for_the_block_and_down_after_it(base: Path) -> None:
    with services(base) as env:
        held = Services(base)
        assert all(server.is_ready() for server in held.servers)
        assert env["DATABASE_URL"].endswith("/portal")
        assert env["REDIS_URL"].startswith("unix://")
    assert not any(server.is_running() for server in held.servers)


def test_a_second_user_keeps_them_up_when_the_first_leaves(base: Path) -> None:
    with services(base):
        with services(base):
            pass
        assert all(server.is_ready() for server in Services(base).servers)


def test_first_starts_at_the_same_moment_make_one_cluster(base: Path) -> None:
    together = threading.Barrier(3)
    held = [Services(base) for _ in range(3)]
    failures: list[BaseException] = []

    def start(one: Services) -> None:
        together.wait()
        try:
            one.acquire()
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            failures.append(error)

    threads = [threading.Thread(target=start, args=(one,)) for one in held]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pids = {one.postgres.pid() for one in held if one.postgres}
    for one in held:
        one.release()
    assert failures == []
    assert len(pids) == 1
    assert not any(server.is_running() for server in held[0].servers)


def test_the_keys_are_made_once_and_only_the_owner_reads_them(base: Path) -> None:
    with services(base) as env:
        first = env["FIELD_KEYS"]
    with services(base) as env:
        assert env["FIELD_KEYS"] == first
    assert stat.S_IMODE((base / "secrets.env").stat().st_mode) == 0o600


def test_lost_keys_of_an_existing_database_stop_the_start(base: Path) -> None:
    with services(base):
        pass
    (base / "secrets.env").unlink()
    with pytest.raises(RuntimeError, match="Put the file back from the backup"), services(base):
        pass


def test_given_servers_and_keys_are_used_and_none_is_started(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "DATABASE_URL": "postgres://db/portal",
        "REDIS_URL": "redis://redis/0",
        "SECRET_KEY": "a",
        "FIELD_KEYS": "b",
        "DIGEST_KEY": "c",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with services(base) as env:
        assert env.items() >= given.items()
    assert Services(base).servers == []
    assert not (base / "secrets.env").exists()


def test_a_server_that_was_killed_is_started_again(base: Path) -> None:
    held = Services(base)
    held.acquire()
    assert held.revive() == []
    for server in held.servers:
        pid = server.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda server=server: not server.is_running(), 10)
    assert held.revive() == ["PostgreSQL", "Valkey"]
    assert all(server.is_ready() for server in held.servers)
    held.release()
