"""The web, worker and beat processes: started, watched, started again when they die, and ended in order."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portal.runtime.children import spawn
from portal.runtime.leftovers import signal_process
from portal.runtime.places import ROOT
from portal.runtime.processes import command
from portal.runtime.steps import say

# The order in which they end: nothing new is sent, what runs is finished, then nobody is let in.
STOP_ORDER = ("beat", "worker", "web")
STOP_SECONDS = 20
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60
LOG_MAX_BYTES = 10 * 1024 * 1024


@dataclass
class Member:
    """One process of the crew."""

    name: str
    env: Mapping[str, str]
    logs: Path
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    pause: float = field(default=0.5)

    def start(self) -> None:
        """Start the process; the kernel ends it when we are killed."""
        log = self.logs / f"{self.name}.log"
        self.process = spawn(
            command(self.name, self.env), log=log, env=self.env, cwd=ROOT, dies_with_us=signal.SIGTERM
        )
        self.began = time.monotonic()

    def has_died(self) -> bool:
        """Tell whether the process was started and has ended."""
        return self.process is not None and self.process.poll() is not None

    def revive(self) -> None:
        """Start a dead process again; one that keeps dying waits longer each time."""
        lived = time.monotonic() - self.began
        if lived < self.pause:
            return
        self.pause = 0.5 if lived > STEADY_SECONDS else min(self.pause * 2, LONGEST_PAUSE)
        status = self.process.returncode if self.process else None
        say(f"! {self.name} 意外退出，已重新启动 ended unexpectedly (status {status}) and was started again")
        self.start()

    def stop(self) -> None:
        """End the process: politely, then with force after STOP_SECONDS."""
        if self.process is None or self.process.poll() is not None:
            return
        signal_process(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Crew:
    """All processes of the portal but the databases."""

    def __init__(self, env: Mapping[str, str], logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.members = {name: Member(name, env, logs) for name in STOP_ORDER}
        for name in self.members:
            _turn_over(logs / f"{name}.log")

    def start(self, *names: str) -> None:
        """Start the processes `names`, or all."""
        for name in names or self.members:
            self.members[name].start()

    def revive(self) -> None:
        """Start again whichever has died."""
        for member in self.members.values():
            if member.has_died():
                member.revive()

    def stop(self) -> None:
        """End every process in order."""
        for member in self.members.values():
            member.stop()


def _turn_over(log: Path) -> None:
    """Put a log that has grown large aside; one old one is kept."""
    if log.exists() and log.stat().st_size > LOG_MAX_BYTES:
        log.replace(log.with_suffix(".log.1"))
