"""Operations of our own, over organisations, so that these tests hold whatever the apps declare."""

import pytest

from portal.operations import registry


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test declares is taken out again."""
    monkeypatch.setattr(registry, "_registry", dict(registry._registry))
