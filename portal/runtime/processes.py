"""The command lines of the portal's processes: one definition for `bin/run` and for the containers."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

APP = "portal.celery:app"
# What the command lines take from the environment, beside what the settings read.
DEFAULTS = {
    "HOST": "127.0.0.1",
    "PORT": "8000",
    "WEB_PROCESSES": "2",
    "WEB_THREADS": "4",
    "WORKER_PROCESSES": "2",
}


def command(name: str, env: Mapping[str, str]) -> list[str]:
    """Return the command line of process `name`: prepare, web, worker or beat."""
    return _COMMANDS[name](_completed(env))


def become(name: str) -> None:
    """Turn this process into process `name`; does not return."""
    line = command(name, os.environ)
    os.execv(line[0], line)  # noqa: S606 (the line is ours)


def address(env: Mapping[str, str]) -> tuple[str, int]:
    """Return the host and port at which the web process listens."""
    values = _completed(env)
    return values["HOST"], int(values["PORT"])


def _completed(env: Mapping[str, str]) -> dict[str, str]:
    return {**DEFAULTS, **{key: value for key, value in env.items() if value}}


def _prepare(_env: Mapping[str, str]) -> list[str]:
    return [sys.executable, "-m", "django", "prepare"]


def _web(env: Mapping[str, str]) -> list[str]:
    memory = ["--worker-tmp-dir", "/dev/shm"] if Path("/dev/shm").is_dir() else []  # noqa: S108 (no file of ours)
    return [
        *(
            sys.executable,
            "-m",
            "gunicorn",
            "portal.wsgi:application",
            "--bind",
            f"{env['HOST']}:{env['PORT']}",
        ),
        *("--worker-class", "gthread", "--workers", env["WEB_PROCESSES"], "--threads", env["WEB_THREADS"]),
        # Loaded once, then forked. A worker is renewed now and then, so that a leak never grows large.
        *("--preload", "--max-requests", "2000", "--max-requests-jitter", "200"),
        *("--timeout", "60", "--graceful-timeout", "15", "--no-control-socket"),
        *memory,
        *_metrics(env),
    ]


def _metrics(env: Mapping[str, str]) -> list[str]:
    """Return the option by which the web processes add up their figures in a folder, emptied at each start."""
    if env.get("METRICS", "0").lower() not in {"1", "true", "yes", "on"}:
        return []
    folder = Path(env["STATE_DIR"]) / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return ["--env", f"PROMETHEUS_MULTIPROC_DIR={folder}"]


def _worker(env: Mapping[str, str]) -> list[str]:
    concurrency = ["--concurrency", env["WORKER_PROCESSES"]]
    return [*_celery(), "worker", *concurrency, "--without-gossip", "--without-mingle", "--loglevel", "INFO"]


def _beat(env: Mapping[str, str]) -> list[str]:
    folder = Path(env["STATE_DIR"]) / "beat"
    folder.mkdir(parents=True, exist_ok=True)
    return [*_celery(), "beat", "--schedule", str(folder / "schedule"), "--pidfile", "", "--loglevel", "INFO"]


def _celery() -> list[str]:
    return [sys.executable, "-m", "celery", "--app", APP]


_COMMANDS = {"prepare": _prepare, "web": _web, "worker": _worker, "beat": _beat}
