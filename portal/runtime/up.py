"""`bin/run`: the whole portal from one command, until Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from portal.runtime.assets import install_assets
from portal.runtime.children import spawn
from portal.runtime.crew import Crew
from portal.runtime.health_client import is_healthy
from portal.runtime.leftovers import MARK, end_leftovers, mark
from portal.runtime.locks import Lock
from portal.runtime.places import ROOT, state_dir
from portal.runtime.processes import address, command
from portal.runtime.services import Services
from portal.runtime.steps import say, step, table
from portal.runtime.system_packages import install_with_apt, missing_pdf_packages

READY_SECONDS = 60
TITLES = {
    "role": "角色 Role",
    "organisation": "机构 Organisation",
    "user": "用户名 User",
    "password": "密码 Password",
    "url": "首页 First page",
}


class Stopped(Exception):
    """Somebody pressed Ctrl-C, or sent SIGTERM."""


class Flag:
    """Whether somebody asked us to stop; the handler does no more than to note it."""

    def __init__(self) -> None:
        self.raised = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._raise)

    def _raise(self, _number: int, _frame: object) -> None:
        self.raised = True

    def check(self) -> None:
        """Raise Stopped when we were asked to stop."""
        if self.raised:
            raise Stopped


def up(_arguments: list[str]) -> int:
    """Start everything, watch over it until Ctrl-C, end everything in order; return the exit status."""
    began = time.monotonic()
    state = state_dir()
    only_one = Lock(state / "run.lock")
    if not only_one.try_take():
        say(f"另一个 bin/run 正在使用 {state}。请先结束它（在它的窗口按 Ctrl-C）。")
        say(f"Another bin/run serves {state}. End it first (Ctrl-C in its window).")
        return 1
    flag = Flag()
    left = end_leftovers(state)
    if left:
        say(f"• 已结束上次异常退出遗留的 {left} 个进程 ended {left} processes of a run that was killed")
    if not _port_is_free(*address(os.environ)):
        return 1
    try:
        _serve(state, flag, began)
    except Stopped:
        say("已停止 Stopped.")
        return 0


def _serve(state: Path, flag: Flag, began: float) -> NoReturn:
    """Bring everything up and watch over it; ends by an exception only, and the databases end with it."""
    _ready_the_machine()
    services = Services(state)
    try:
        services.acquire(step)
        env = environment(services)
        flag.check()
        _prepare(env, flag)
        _run_crew(services, env, flag, began)
    finally:
        with step("停止数据库", "Stopping the databases"):
            services.release()


def environment(services: Services) -> dict[str, str]:
    """Return the environment of the portal's processes: the caller's, completed."""
    host, port = address(os.environ)
    defaults = {
        "DEMO": "1",
        "PUBLIC_URL": f"http://{host}:{port}",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    return {**defaults, **os.environ, **services.environment(), MARK: mark(services.state)}


def _ready_the_machine() -> None:
    with step("安装前端文件", "Installing front-end files"):
        install_assets()
    missing = missing_pdf_packages()
    if missing and not install_with_apt(missing):
        say("  未安装前，门户照常启动，PDF 功能关闭 The portal starts without them; PDF is off")


def _prepare(env: Mapping[str, str], flag: Flag) -> None:
    """Run the `prepare` process, which prints its own steps."""
    line = [*command("prepare", env), "--accounts", str(accounts_file(env))]
    process = spawn(line, env=env, cwd=ROOT, dies_with_us=signal.SIGTERM)
    while process.poll() is None:
        if flag.raised:
            process.terminate()
            process.wait()
            raise Stopped
        time.sleep(0.05)
    if process.returncode:
        raise RuntimeError("the step above failed; what it says stands above")


def _run_crew(services: Services, env: Mapping[str, str], flag: Flag, began: float) -> NoReturn:
    logs = services.state / "logs"
    crew = Crew(env, logs)
    try:
        with step("启动网站", "Starting web"):
            crew.start("web")
            _wait_for_web(env, crew, flag)
        crew.start("worker", "beat")  # only now: together with web they would make everybody wait longer
        _greet(env, logs, time.monotonic() - began)
        while not flag.raised:
            time.sleep(0.5)
            for name in services.revive():
                say(f"! {name} 意外退出，已重新启动 ended unexpectedly and was started again")
            crew.revive()
        raise Stopped
    finally:
        say()
        with step("停止网站、任务进程与定时器", "Stopping web, worker and beat"):
            crew.stop()


def _wait_for_web(env: Mapping[str, str], crew: Crew, flag: Flag) -> None:
    end = time.monotonic() + READY_SECONDS
    while not is_healthy(env):
        flag.check()
        log = crew.members["web"].logs / "web.log"
        if crew.members["web"].has_died() or time.monotonic() > end:
            raise RuntimeError(f"The web process does not come up. The end of {log}:\n{_tail(log)}")
        time.sleep(0.1)


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-3000:] if log.exists() else ""


def _greet(env: Mapping[str, str], logs: Path, seconds: float) -> None:
    say()
    say(f"门户已就绪 The portal is ready after {seconds:.1f} s:  {env['PUBLIC_URL']}")
    for line in demo_table(env):
        say(f"  {line}")
    say(f"日志 Logs: {logs}    停止 Stop: Ctrl-C")


def demo_table(env: Mapping[str, str]) -> list[str]:
    """Return the lines that show the demo's sign-ins, none without a demo."""
    file = accounts_file(env)
    if env["DEMO"] in {"0", "false", "False"} or not file.exists():
        return []
    accounts: list[dict[str, str]] = json.loads(file.read_text())
    if not accounts:
        return []
    keys = list(accounts[0])
    return table(
        [TITLES.get(key, key) for key in keys], [[str(row[key]) for key in keys] for row in accounts]
    )


def accounts_file(env: Mapping[str, str]) -> Path:
    """Return the file in which the demo's sign-ins are kept."""
    return Path(env["STATE_DIR"]) / "demo_accounts.json"


def _port_is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            say(f"地址 {host}:{port} 不可用（{error.strerror}）。请换一个端口：PORT={port + 1} bin/run")
            say(
                f"Address {host}:{port} cannot be used ({error.strerror}). Take another port: PORT={port + 1} bin/run"
            )
            return False
    return True
