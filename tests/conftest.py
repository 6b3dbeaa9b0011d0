"""What every test stands on: the throw-away services of `bin/test`, and a real Celery worker for those that ask."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from portal.runtime.places import ROOT
from portal.runtime.processes import command
from tests.browser import browser  # noqa: F401 - the one browser of a test process
from tests.shared import pytest_runtest_setup, shared_database  # noqa: F401

NO_BROWSER = os.environ.get("PORTAL_NO_BROWSER", "")
WORKER_READY_SECONDS = 30
JOURNEYS = ROOT / "tests" / "journeys"


# What production hashes passwords with, for the test that says so; every other test takes a quick one.
HASHERS = list(settings.PASSWORD_HASHERS)


def pytest_configure() -> None:
    """Hash passwords quickly: Argon2 is slow on purpose, and hundreds of tests make people."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take the browser tests out, aloud, where there is no browser; begin with the longest of them, the journeys.

    Two processes share the modules in this order: what is long must not be what one of them is left with at the end.
    """
    without = [item for item in items if NO_BROWSER and item.get_closest_marker("browser")]
    if without:
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]
    items.sort(key=lambda item: not item.path.is_relative_to(JOURNEYS))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end that the browser tests did not run."""
    if NO_BROWSER:
        terminalreporter.write_line(NO_BROWSER, red=True, bold=True)


def database_url() -> str:
    """The address of the test database as a process of its own must be given it."""
    database = settings.DATABASES["default"]
    return f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}"


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """The environment in which another process works on this test's database and broker."""
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "WORKER_PROCESSES": "1",
    }


@pytest.fixture
def worker(process_environment: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker as `bin/run` starts it, ready to take tasks; it ends with the test."""
    log = tmp_path / "worker.log"
    line = [*command("worker", process_environment), "--pool", "prefork"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            line, cwd=ROOT, env=process_environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_for_worker(process, log)
        yield process
    finally:
        process.terminate()
        process.wait(WORKER_READY_SECONDS)


def wait_for_worker(process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the worker says that it is ready; its log is in the error when it does not."""
    end = time.monotonic() + WORKER_READY_SECONDS
    while b" ready." not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > end:
            sys.stderr.write(log.read_text(errors="replace"))
            raise RuntimeError("the Celery worker did not become ready; its log is above")
        time.sleep(0.1)
