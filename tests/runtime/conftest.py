"""Servers of the tests' own, in folders that the databases' account can reach, and always ended."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.runtime.postgres import Postgres
from portal.runtime.valkey import Valkey


@pytest.fixture
def base() -> Iterator[Path]:
    """A short folder that every account may pass through; pytest's own are below a private one."""
    folder = Path(tempfile.mkdtemp(prefix="ttp-rt-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def postgres(base: Path) -> Iterator[Postgres]:
    server = Postgres(base)
    yield server
    server.stop()


@pytest.fixture
def valkey(base: Path) -> Iterator[Valkey]:
    server = Valkey(base)
    yield server
    server.stop()


@pytest.fixture
def no_services_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a newcomer: nothing is configured."""
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEYS", "DIGEST_KEY", "STATE_DIR"):
        monkeypatch.delenv(name)
    assert "DATABASE_URL" not in os.environ
