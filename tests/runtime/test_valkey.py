import os
import signal
from pathlib import Path

import pytest
import redis

from portal.runtime.children import wait_until
from portal.runtime.valkey import Valkey, find_server


def client(server: Valkey) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(server.socket))


def test_a_first_start_runs_it_and_a_second_adopts_it(valkey: Valkey) -> None:
    assert valkey.start() == "started"
    first = valkey.pid()
    assert Valkey(valkey.base).start() == "adopted"
    assert valkey.pid() == first


def test_what_was_written_outlives_a_kill(valkey: Valkey) -> None:
    valkey.start()
    with client(valkey) as line:
        for number in range(500):
            line.set(f"key-{number}", number)
    pid = valkey.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not valkey.is_running(), 10)
    assert valkey.start() == "started"
    with client(valkey) as line:
        assert line.dbsize() == 500


def test_it_refuses_writes_rather_than_forgetting_when_memory_is_full(valkey: Valkey) -> None:
    valkey.start()
    with client(valkey) as line:
        assert line.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_stop_of_what_does_not_run_is_nothing(valkey: Valkey) -> None:
    valkey.stop()
    assert not valkey.is_running()


def test_a_server_that_cannot_start_says_why(valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Valkey, "_options", lambda _self: ["--no-such-option", "1"])
    with pytest.raises(RuntimeError, match="no-such-option"):
        valkey.start()


def test_the_server_of_the_system_serves_where_the_wheel_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_server(tmp_path, None) == program
    program.unlink()
    with pytest.raises(RuntimeError, match="REDIS_URL"):
        find_server(tmp_path, None)
