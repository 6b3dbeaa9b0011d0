"""The operating-system account under which the embedded databases run: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict


class PopenAccount(TypedDict, total=False):
    """The keywords of `subprocess.Popen` that drop the rights of root."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """An account that root drops to."""

    name: str
    uid: int
    gid: int

    def popen(self) -> PopenAccount:
        """Return the Popen keywords that run a child as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account() -> Account | None:
    """Return the account to drop to when this process is root, else None. `PORTAL_DB_OSUSER` names another one."""
    if os.geteuid() != 0:
        return None
    for name in filter(None, (os.environ.get("PORTAL_DB_OSUSER"), "postgres", "nobody")):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise RuntimeError(
        "PostgreSQL refuses to run as root, and neither account 'postgres' nor 'nobody' exists here. "
        "Create one and name it in PORTAL_DB_OSUSER."
    )


def own(folder: Path, account: Account | None) -> None:
    """Make `folder` the private one (0700) of the account that the databases run as."""
    folder.mkdir(parents=True, exist_ok=True)
    expected = {os.getuid(), account.uid if account else os.getuid()}
    if folder.stat().st_uid not in expected:
        raise PermissionError(f"{folder} belongs to another account. Remove it, then start again.")
    folder.chmod(0o700)
    if account:
        os.chown(folder, account.uid, account.gid)
