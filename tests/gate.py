"""Holds what decides - services, rules, state tables - to a coverage of its own, on the data of the same run.

bin/test --cov --deciding 95
"""

from __future__ import annotations

import io
from collections.abc import Generator
from typing import Any

import pytest

DECIDING = [f"*/{room}{module}.py" for room in ("services", "rules", "states") for module in ("", "/*")]
SAID = pytest.StashKey[tuple[float, str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--deciding",
        type=float,
        metavar="PERCENT",
        help="fail when less of services, rules and states is covered, branches counted; needs --cov",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, Any, Any]:
    """Behind pytest-cov's own wrapper: by then the figures of all processes are together."""
    result = yield
    wanted = session.config.getoption("--deciding")
    if wanted is None or hasattr(session.config, "workerinput"):
        return result
    report = io.StringIO()
    coverage = session.config.pluginmanager.getplugin("_cov").cov_controller.cov
    found = coverage.report(include=DECIDING, show_missing=True, skip_covered=True, file=report)
    session.config.stash[SAID] = (found, report.getvalue())
    if found < wanted:
        session.testsfailed += 1
    return result


def say(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Write what is not covered when it is too much, and the figure."""
    if SAID not in config.stash:
        return
    found, report = config.stash[SAID]
    wanted = config.getoption("--deciding")
    if found < wanted:
        terminalreporter.write(report)
    words = f"services, rules and states: {found:.1f} % covered, {wanted:g} % wanted"
    terminalreporter.write_line(words, red=found < wanted, bold=True)
