import subprocess
import sys
from pathlib import Path

import pytest

from portal.runtime import install, system_packages
from portal.runtime.places import ROOT


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A project with locks, and installers that only write down what they were asked."""
    asked: list[str] = []
    (tmp_path / "requirements").mkdir()
    for name in ("main", "dev", "uv"):
        (tmp_path / "requirements" / f"{name}.lock").write_text(f"{name}==1\n")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(install, "LOCK", tmp_path / "var" / "install.lock")
    monkeypatch.setattr(install, "has_working_python", lambda: True)
    monkeypatch.setattr(install, "install_with_uv", lambda name: asked.append(f"uv {name}") or True)
    monkeypatch.setattr(install, "install_with_pip", lambda name: asked.append(f"pip {name}"))
    return asked


def test_a_second_start_installs_nothing(project: list[str]) -> None:
    assert install.main(["main"]) == 0
    assert install.main(["main"]) == 0
    assert project == ["uv main"]


def test_what_the_tests_need_serves_the_portal_too_but_not_the_other_way_round(project: list[str]) -> None:
    install.main(["main"])
    install.main(["dev"])
    install.main(["main"])
    assert project == ["uv main", "uv dev"]


def test_a_changed_lock_is_installed(project: list[str]) -> None:
    install.main(["main"])
    (install.ROOT / "requirements" / "main.lock").write_text("main==2\n")
    install.main(["main"])
    assert project == ["uv main", "uv main"]


def test_an_interrupted_install_is_done_again(project: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_name: str) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(install, "install_with_uv", interrupted)
        with pytest.raises(KeyboardInterrupt):
            install.main(["main"])
    assert not install.is_current("main")
    install.main(["main"])
    assert project == ["uv main"]


def test_pip_serves_where_uv_does_not(project: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "install_with_uv", lambda _name: False)
    install.main(["main"])
    assert project == ["pip main"]


def test_an_old_python_is_refused_in_words(
    project: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install, "OLDEST_PYTHON", (99, 0))
    assert install.main(["main"]) == 1
    assert "需要 Python 99.0" in capsys.readouterr().err
    assert project == []


def test_it_runs_with_nothing_but_the_standard_library() -> None:
    command = [sys.executable, "-I", "-S", str(ROOT / "portal" / "runtime" / "install.py"), "dev"]
    assert subprocess.run(command, check=False).returncode == 0


def test_missing_packages_are_named_by_their_debian_names(monkeypatch: pytest.MonkeyPatch) -> None:
    libraries = {"libc-is-here": "libc.so.6", "not-here": "libno-such-thing.so.0"}
    monkeypatch.setattr(system_packages, "PDF_LIBRARIES", libraries)
    assert system_packages.missing_pdf_packages() == ["not-here"]


def test_who_is_not_root_gets_the_one_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert not system_packages.install_with_apt(["a", "b"])
    assert "apt-get update && apt-get install -y --no-install-recommends a b" in capsys.readouterr().err


@pytest.mark.parametrize(("status", "expected"), [(0, True), (100, False)])
def test_root_on_debian_installs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    expected: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    apt = tmp_path / "apt-get"
    apt.write_text(
        f'#!/bin/sh\necho "$DEBIAN_FRONTEND $@" >> {tmp_path}/asked\n[ "$1" = update ] || exit {status}\n'
    )
    apt.chmod(0o755)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert system_packages.install_with_apt(["a"]) is expected
    assert (tmp_path / "asked").read_text().splitlines() == [
        "noninteractive update",
        "noninteractive install -y --no-install-recommends a",
    ]
    assert ("run it yourself" in capsys.readouterr().err) is not expected
