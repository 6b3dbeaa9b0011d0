import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.runtime import crew as crew_module
from portal.runtime.children import is_alive, spawn, wait_until
from portal.runtime.crew import STOP_ORDER, Crew
from portal.runtime.leftovers import MARK, end_leftovers, marked_processes

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]


@pytest.fixture
def crew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    monkeypatch.setattr(crew_module, "command", lambda _name, _env: SLEEP)
    monkeypatch.setattr(crew_module, "STOP_SECONDS", 2)
    started = Crew({}, tmp_path / "logs")
    yield started
    started.stop()


def process_of(crew: Crew, name: str) -> subprocess.Popen[bytes]:
    process = crew.members[name].process
    assert process is not None
    return process


def test_they_end_in_order_and_none_stays(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    crew.start()
    pids = {process_of(crew, name).pid: name for name in STOP_ORDER}
    signalled: list[str] = []
    real = crew_module.signal_process

    def note(pid: int, number: signal.Signals) -> None:
        signalled.append(pids[pid])
        real(pid, number)

    monkeypatch.setattr(crew_module, "signal_process", note)
    crew.stop()
    assert signalled == ["beat", "worker", "web"]
    assert not any(map(is_alive, pids))


def test_one_that_ignores_the_polite_signal_is_killed(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew_module, "command", lambda _name, _env: STUBBORN)
    crew.start()
    logs = [member.logs / f"{member.name}.log" for member in crew.members.values()]
    assert wait_until(lambda: all("up" in log.read_text() for log in logs), 10)
    crew.stop()
    assert all(
        member.process and member.process.returncode == -signal.SIGKILL for member in crew.members.values()
    )


def test_a_dead_one_is_started_again_and_waits_longer_each_time(
    crew: Crew, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("portal.runtime.crew.time.monotonic", lambda: now)
    crew.start()
    pauses = []
    for _ in range(3):
        dead = process_of(crew, "web")
        dead.kill()
        dead.wait()
        crew.revive()
        assert process_of(crew, "web") is dead, "not at once: it has lived for no time"
        now += crew.members["web"].pause
        crew.revive()
        assert process_of(crew, "web") is not dead
        pauses.append(crew.members["web"].pause)
    assert pauses == [1.0, 2.0, 4.0]
    assert capsys.readouterr().out.count("was started again") == 3


def test_one_that_lived_long_is_started_again_at_once(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("portal.runtime.crew.time.monotonic", lambda: now)
    crew.start()
    crew.members["web"].pause = 16.0
    process_of(crew, "web").kill()
    process_of(crew, "web").wait()
    now += crew_module.STEADY_SECONDS + 1
    crew.revive()
    assert crew.members["web"].pause == 0.5


def test_a_log_that_has_grown_large_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew_module, "LOG_MAX_BYTES", 3)
    (tmp_path / "web.log").write_text("long")
    (tmp_path / "beat.log").write_text("ok")
    Crew({}, tmp_path)
    assert (tmp_path / "web.log.1").read_text() == "long"
    assert not (tmp_path / "web.log").exists()
    assert (tmp_path / "beat.log").read_text() == "ok"


def test_leftovers_of_this_state_are_ended_and_others_left_alone(tmp_path: Path) -> None:
    ours = spawn(SLEEP, env={MARK: str(tmp_path)})
    others = spawn(SLEEP, env={MARK: str(tmp_path / "other")})
    try:
        assert wait_until(lambda: list(marked_processes(f"{MARK}={tmp_path}")) == [ours.pid], 5)
        assert end_leftovers(tmp_path) == 1
        assert ours.wait(5) == -signal.SIGTERM
        assert others.poll() is None
        assert end_leftovers(tmp_path) == 0
    finally:
        others.kill()
        others.wait()
