"""The keys of the embedded default: made once, kept in a file that only the owner reads."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

FILE = "secrets.env"


def new_keys() -> dict[str, str]:
    """Return fresh values of every secret that the settings need."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "DIGEST_KEY": secrets.token_urlsafe(32),
    }


def kept_keys(state: Path, *, database_exists: bool) -> dict[str, str]:
    """Return the keys kept in `state`, making them on the first start.

    Raises RuntimeError when the keys are gone but the database they encrypt is there: new ones would make every
    ID number unreadable.
    """
    file = state / FILE
    if not file.exists():
        if database_exists:
            raise RuntimeError(
                f"{file} is missing, but the database it belongs to exists: without its keys the ID numbers in it "
                "cannot be read. Put the file back from the backup, or remove the database to begin anew."
            )
        _write(file, new_keys())
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)


def _write(file: Path, keys: dict[str, str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.writelines(f"{name}={value}\n" for name, value in keys.items())
        out.flush()
        os.fsync(out.fileno())
    draft.rename(file)
