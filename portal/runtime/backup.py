"""`bin/backup` and `bin/restore`: everything the embedded portal knows, in one file.

The file holds the database, the uploaded files and the keys: who has it can read everything, so it is written for its
owner only. A portal with servers of its own (DATABASE_URL) is backed up with them; see docs/operations.md.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

from portal.runtime.keys import FILE as KEYS
from portal.runtime.locks import Lock
from portal.runtime.places import state_dir
from portal.runtime.postgres import DATABASE, Postgres
from portal.runtime.services import Services
from portal.runtime.steps import say, step

DUMP = "database.dump"
UPLOADS = "files"


def backup(arguments: list[str]) -> int:
    """Write the backup to the file named by the argument; it must not exist yet. The portal may run meanwhile."""
    if len(arguments) != 1 or Path(arguments[0]).exists():
        say("用法 Usage: bin/backup FILE.tar（文件不能已存在 the file must not exist yet）")
        return 2
    target, state = Path(arguments[0]), state_dir()
    services = Services(state)
    postgres = _embedded(services)
    services.acquire()
    try:
        with step("导出数据库", "Dumping the database"):
            dump = _dump(postgres, state)
        with step("写入备份", "Writing the backup"):
            _pack(target, state, dump)
    finally:
        services.release()
    say(
        f"备份已写入 {target}（{target.stat().st_size / 1e6:.1f} MB）。内含密钥，请妥善保管。 It holds the keys: keep it safe."
    )
    return 0


def restore(arguments: list[str]) -> int:
    """Put the portal back as the file named by the argument holds it. What was there is moved aside, not removed."""
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        say("用法 Usage: bin/restore FILE.tar")
        return 2
    source, state = Path(arguments[0]), state_dir()
    state.mkdir(parents=True, exist_ok=True)
    stopped = Lock(state / "run.lock")
    if not stopped.try_take():
        say("门户正在运行，请先停止（Ctrl-C）再恢复。 The portal is running: stop it first.")
        return 1
    with step("移开现有数据", "Moving what is there aside"):
        _move_aside(state)
    with tarfile.open(source) as archive, step("解开备份", "Unpacking the backup"):
        archive.extractall(state, filter="data")
    (state / KEYS).chmod(0o600)
    _load(state)
    stopped.close()
    say("恢复完成，现在可以运行 bin/run。 Restored; start it with bin/run.")
    return 0


def _embedded(services: Services) -> Postgres:
    if services.postgres is None:
        raise RuntimeError(
            "DATABASE_URL names a server of your own: back that up with its tools, see docs/operations.md"
        )
    return services.postgres


def _dump(postgres: Postgres, state: Path) -> Path:
    dump = state / DUMP
    dump.touch(mode=0o600)
    _run(postgres, "pg_dump", "--format=custom", "--no-owner", f"--file={dump}", DATABASE)
    return dump


def _pack(target: Path, state: Path, dump: Path) -> None:
    """Write the archive under another name first, so that an interrupted backup is never taken for a whole one."""
    draft = target.with_name(f".{target.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out, tarfile.open(fileobj=out, mode="w") as archive:
        for path in (dump, state / KEYS, state / UPLOADS):
            if path.exists():
                archive.add(path, arcname=path.name)
    dump.unlink()
    draft.rename(target)


def _move_aside(state: Path) -> None:
    services = Services(state)
    _embedded(services)
    services.stop_all()
    aside = state / time.strftime("before-restore-%Y%m%d-%H%M%S")
    aside.mkdir()
    for path in (services.base, state / KEYS, state / UPLOADS):
        if path.exists():
            shutil.move(path, aside / path.name)


def _load(state: Path) -> None:
    services = Services(state)
    postgres = _embedded(services)
    services.acquire(step)
    try:
        with step("载入数据库", "Loading the database"):
            options = ("--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={DATABASE}")
            _run(postgres, "pg_restore", *options, str(state / DUMP))
    finally:
        services.release()
    (state / DUMP).unlink()


def _run(postgres: Postgres, program: str, *arguments: str) -> None:
    command = [
        str(postgres.binaries[program]),
        f"--host={postgres.sockets}",
        f"--username={DATABASE}",
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{program} failed:\n{done.stderr}")
