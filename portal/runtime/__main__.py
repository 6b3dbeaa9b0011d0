"""What `bin/run`, `bin/test`, `bin/manage` and `bin/bench` start: `python -m portal.runtime COMMAND …`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

from portal.runtime.backup import backup, restore
from portal.runtime.health_client import is_healthy
from portal.runtime.places import ROOT, state_dir
from portal.runtime.processes import become
from portal.runtime.services import services
from portal.runtime.steps import say


def manage(arguments: list[str]) -> int:
    """Run manage.py with the services up; they are left as they were found."""
    return _with_services([sys.executable, str(ROOT / "manage.py"), *arguments])


def bench(arguments: list[str]) -> int:
    """Run `bench/NAME.py` in the environment of the portal; the beginning of a name will do."""
    names = sorted(path.stem for path in (ROOT / "bench").glob("[!_]*.py") if not path.stem.endswith("_urls"))
    found = [name for name in names if arguments and name.startswith(arguments[0])]
    if len(found) != 1:
        sys.stderr.write(f"bin/bench NAME; NAME: {', '.join(names)}\n")
        return 2
    return _with_services([sys.executable, "-m", f"bench.{found[0]}", *arguments[1:]])


def run(arguments: list[str]) -> int:
    """Start the whole portal."""
    from portal.runtime.up import up

    return up(arguments)


def test(arguments: list[str]) -> int:
    """Run the tests against servers of their own."""
    from portal.runtime.testing import run_tests

    return run_tests(arguments)


def check(arguments: list[str]) -> int:
    """Run the checks that are not tests."""
    from portal.runtime.checks import check as run_checks

    return run_checks(arguments)


def _with_services(command: list[str]) -> int:
    with services(state_dir()) as env:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the child gets Ctrl-C, too, and ends first
        return subprocess.run(command, check=False, env={"DEMO": "1", **env}).returncode


def healthy(_arguments: list[str]) -> int:
    """Succeed when the web process of this container is well."""
    return 0 if is_healthy(os.environ) else 1


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": run,
    "test": test,
    "check": check,
    "manage": manage,
    "bench": bench,
    "backup": backup,
    "restore": restore,
    "healthy": healthy,
}


def main() -> int:
    """Run the command named by the first argument; return its exit status.

    The names of single processes (prepare, web, worker, beat) are what containers start: this process becomes them.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    name, *arguments = sys.argv[1:]
    if name not in COMMANDS:
        become(name)
    try:
        return COMMANDS[name](arguments)
    except (RuntimeError, TimeoutError, PermissionError) as error:
        say(f"失败 Failed: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
