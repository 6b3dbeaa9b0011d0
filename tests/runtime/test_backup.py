import stat
from pathlib import Path

import psycopg2
import pytest

from portal.runtime.backup import backup, restore
from portal.runtime.locks import alone
from portal.runtime.services import Services, services

pytestmark = pytest.mark.usefixtures("no_services_given")


@pytest.fixture
def state(base: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STATE_DIR", str(base / "var"))
    return base / "var"


def query(state: Path, sql: str) -> list[tuple[object, ...]]:
    with services(state):
        server = Services(state).postgres
        assert server is not None
        connection = psycopg2.connect(host=str(server.sockets), user="portal", dbname="portal")
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


@pytest.fixture
def saved(state: Path, base: Path) -> Path:
    """A portal with a row, an upload and its keys, backed up."""
    query(state, "CREATE TABLE kept AS SELECT '名额' AS word")
    (state / "files").mkdir()
    (state / "files" / "scan.pdf").write_bytes(b"scan")
    assert backup([str(base / "saved.tar")]) == 0
    return base / "saved.tar"


def test_another_machine_becomes_what_was_backed_up(
    saved: Path, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = (base / "var" / "secrets.env").read_text()
    monkeypatch.setenv("STATE_DIR", str(base / "elsewhere"))
    assert restore([str(saved)]) == 0
    assert query(base / "elsewhere", "SELECT word FROM kept") == [("名额",)]
    assert (base / "elsewhere" / "files" / "scan.pdf").read_bytes() == b"scan"
    assert (base / "elsewhere" / "secrets.env").read_text() == keys
    assert stat.S_IMODE((base / "elsewhere" / "secrets.env").stat().st_mode) == 0o600


def test_what_was_there_is_moved_aside(saved: Path, state: Path) -> None:
    query(state, "DELETE FROM kept")
    assert restore([str(saved)]) == 0
    assert query(state, "SELECT count(*) FROM kept") == [(1,)]
    (aside,) = state.glob("before-restore-*")
    assert {path.name for path in aside.iterdir()} == {"services", "secrets.env", "files"}


def test_only_the_owner_reads_a_backup_and_none_is_overwritten(saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    before = saved.read_bytes()
    assert backup([str(saved)]) == 2
    assert saved.read_bytes() == before


def test_a_running_portal_is_not_restored_over(saved: Path, state: Path) -> None:
    with alone(state / "run.lock"):
        assert restore([str(saved)]) == 1
    with services(state), pytest.raises(RuntimeError, match="Another command uses the databases"):
        restore([str(saved)])
    assert query(state, "SELECT word FROM kept") == [("名额",)]


def test_servers_of_ones_own_are_left_to_their_tools(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://db/portal")
    with pytest.raises(RuntimeError, match="DATABASE_URL"):
        backup([str(base / "saved.tar")])


def test_wrong_use_is_explained(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert restore([str(base / "nothing.tar")]) == 2
    assert backup([]) == 2
    assert capsys.readouterr().out.count("Usage") == 2
