import os
import sys
from pathlib import Path

import pytest

from portal.runtime import checks, processes
from portal.runtime.__main__ import main


def test_web_listens_where_it_is_told(tmp_path: Path) -> None:
    line = processes.command(
        "web", {"STATE_DIR": str(tmp_path), "PORT": "8123", "HOST": "", "WEB_THREADS": "7"}
    )
    assert line[:4] == [sys.executable, "-m", "gunicorn", "portal.wsgi:application"]
    assert line[line.index("--bind") + 1] == "127.0.0.1:8123"
    assert line[line.index("--threads") + 1] == "7"
    assert "--env" not in line


def test_figures_of_the_web_processes_are_added_up_and_begin_anew(tmp_path: Path) -> None:
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "old.db").touch()
    line = processes.command("web", {"STATE_DIR": str(tmp_path), "METRICS": "1"})
    assert f"PROMETHEUS_MULTIPROC_DIR={tmp_path / 'metrics'}" in line
    assert list((tmp_path / "metrics").iterdir()) == []


def test_worker_and_beat_are_of_one_application(tmp_path: Path) -> None:
    env = {"STATE_DIR": str(tmp_path), "WORKER_PROCESSES": "3"}
    worker, beat = processes.command("worker", env), processes.command("beat", env)
    assert worker[:6] == [*beat[:5], "worker"]
    assert worker[worker.index("--concurrency") + 1] == "3"
    assert beat[beat.index("--schedule") + 1] == str(tmp_path / "beat" / "schedule")
    assert (tmp_path / "beat").is_dir()


def test_a_container_becomes_the_process_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[tuple[str, list[str]]] = []

    def execv(program: str, line: list[str]) -> None:
        became.append((program, line))
        raise SystemExit

    monkeypatch.setattr(os, "execv", execv)
    monkeypatch.setattr("sys.argv", ["portal.runtime", "prepare"])
    with pytest.raises(SystemExit):
        main()
    assert became == [(sys.executable, [sys.executable, "-m", "django", "prepare"])]


def test_a_failure_that_is_foreseen_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://db/portal")
    monkeypatch.setattr("sys.argv", ["portal.runtime", "backup", "no-such-file.tar"])
    assert main() == 1
    assert "失败 Failed: DATABASE_URL names a server of your own" in capsys.readouterr().out


def test_a_check_that_does_not_exist_lists_those_that_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert checks.check(["ruf"]) == 2
    assert "ruff | format | mypy" in capsys.readouterr().out


def test_a_check_shows_its_output_only_when_it_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = {"good": ["sh", "-c", "echo fine"], "bad": ["sh", "-c", "echo wrong; exit 3"]}
    monkeypatch.setattr(checks, "CHECKS", commands)
    assert checks._passes("good", dict(os.environ))
    assert not checks._passes("bad", dict(os.environ))
    assert checks._passes("locks", {})
    said = capsys.readouterr().out
    assert "fine" not in said
    assert "FAILED bad" in said
    assert "wrong" in said
