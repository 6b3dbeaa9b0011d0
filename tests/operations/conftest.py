"""Operations of our own, over organisations, so that these tests hold whatever the apps declare."""

from collections.abc import Iterator
from typing import Any

import pytest

from portal.operations import registry


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test declares is taken out again."""
    monkeypatch.setattr(registry, "_registry", dict(registry._registry))
    yield


@pytest.fixture
def demo_free(settings: Any) -> None:
    settings.DEMO = False
