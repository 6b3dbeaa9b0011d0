import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from portal.runtime.children import is_alive, wait_until
from portal.runtime.places import SOCKET_FOLDER_MAX, socket_dir
from portal.runtime.postgres import Postgres


def query(server: Postgres, sql: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(host=str(server.sockets), user="portal", dbname="postgres")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def process_id(server: Postgres) -> int:
    pid = server.pid()
    assert pid is not None
    return pid


def kill_postmaster(server: Postgres) -> None:
    os.kill(process_id(server), signal.SIGKILL)


def kill_tree(server: Postgres) -> None:
    os.killpg(process_id(server), signal.SIGKILL)


def folder_of_other_binaries() -> list[str]:
    return [str(path) for path in Path("/usr/lib/postgresql").glob("1[5-9]/bin")]


def test_a_first_start_makes_a_cluster_and_a_second_adopts_it(postgres: Postgres) -> None:
    assert postgres.start() == "started"
    first = postgres.pid()
    assert Postgres(postgres.base).start() == "adopted"
    assert postgres.pid() == first


def test_it_listens_on_its_socket_only(postgres: Postgres) -> None:
    postgres.start()
    assert query(postgres, "SHOW listen_addresses") == [("",)]
    assert postgres.sockets.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kill", [kill_postmaster, kill_tree])
def test_what_was_committed_outlives_a_kill(postgres: Postgres, kill: Callable[[Postgres], None]) -> None:
    postgres.start()
    query(postgres, "CREATE TABLE kept AS SELECT generate_series(1, 500) AS number")
    kill(postgres)
    assert wait_until(lambda: not postgres.is_running(), 10)
    assert not postgres.is_ready()
    assert postgres.start() == "started"
    assert query(postgres, "SELECT count(*) FROM kept") == [(500,)]


def test_stop_ends_the_server_and_keeps_its_data(postgres: Postgres) -> None:
    postgres.start()
    query(postgres, "CREATE TABLE kept AS SELECT 7 AS number")
    pid = process_id(postgres)
    postgres.stop()
    assert not is_alive(pid)
    postgres.start()
    assert query(postgres, "SELECT number FROM kept") == [(7,)]


def test_stop_of_what_does_not_run_is_nothing(postgres: Postgres) -> None:
    postgres.stop()
    assert postgres.pid() is None
    assert not postgres.is_running()


def test_chinese_has_trigrams_and_a_fixed_order(postgres: Postgres) -> None:
    postgres.start()
    query(postgres, "CREATE EXTENSION pg_trgm")
    assert query(postgres, "SELECT cardinality(show_trgm('中国银行')), upper('é')") == [(5, "É")]


def test_an_interrupted_making_is_begun_anew(postgres: Postgres) -> None:
    draft = postgres.data.with_suffix(".draft")
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    assert postgres.start() == "started"
    assert not draft.exists()


def test_a_server_that_cannot_start_says_why(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.start()
    postgres.stop()
    (postgres.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    monkeypatch.setattr("portal.runtime.postgres.START_ATTEMPTS", 2)
    with pytest.raises(RuntimeError, match="no_such_setting"):
        postgres.start()


def test_a_server_that_is_never_ready_is_given_up(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.runtime.postgres.START_SECONDS", 0.2)
    monkeypatch.setattr(Postgres, "is_ready", lambda _self: False)
    with pytest.raises(TimeoutError, match="not ready after"):
        postgres.start()
    monkeypatch.undo()
    assert wait_until(postgres.is_ready, 10)


def test_a_long_path_gets_a_short_folder_for_its_sockets(base: Path) -> None:
    deep = base / ("long-" * 20)
    assert len(str(deep / "run")) > SOCKET_FOLDER_MAX
    server = Postgres(deep)
    try:
        assert server.start() == "started"
        assert len(str(server.sockets)) <= SOCKET_FOLDER_MAX
        assert server.sockets == socket_dir(deep)
    finally:
        server.stop()
        server.sockets.rmdir()


@pytest.mark.parametrize("folder", folder_of_other_binaries() or [""])
def test_a_postgresql_of_the_system_serves_as_well(
    postgres: Postgres, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the machine has none, the empty name stands for the embedded one, so that the test always runs."""
    monkeypatch.setenv("PORTAL_POSTGRES_BIN", folder)
    assert postgres.start() == "started"
    assert str(postgres.binaries.folder).startswith(folder)
    query(postgres, "CREATE EXTENSION pg_trgm")
    assert query(postgres, "SELECT cardinality(show_trgm('中国银行'))") == [(5,)]


def test_programs_that_do_not_run_are_refused_with_what_to_do(
    postgres: Postgres, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_POSTGRES_BIN", str(base / "nothing"))
    with pytest.raises(RuntimeError, match="DATABASE_URL"):
        postgres.start()


def test_data_of_another_major_version_ask_for_its_programs(postgres: Postgres) -> None:
    postgres.data.mkdir()
    (postgres.data / "PG_VERSION").write_text("11\n")
    with pytest.raises(RuntimeError, match="PostgreSQL 11, which made the data"):
        _ = postgres.binaries


def test_a_throw_away_server_dies_with_its_owner(base: Path) -> None:
    script = (
        "import sys, os, signal; from pathlib import Path; from portal.runtime.postgres import Postgres\n"
        f"server = Postgres(Path({str(base)!r}), durable=False); server.start(); print(server.pid(), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    pid = int(ended.stdout)
    assert wait_until(lambda: not is_alive(pid), 10)
