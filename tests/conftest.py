"""What every test stands on: the throw-away services of `bin/test`, and a real Celery worker for those that ask."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]
NO_BROWSER = os.environ.get("PORTAL_NO_BROWSER", "")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take the browser tests out, aloud, where there is no browser."""
    if not NO_BROWSER:
        return
    without = [item for item in items if item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if item not in without]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end, too, that the browser tests did not run."""
    if NO_BROWSER:
        terminalreporter.write_line(NO_BROWSER, red=True, bold=True)


