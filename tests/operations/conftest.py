"""Operations of our own, over organisations, so that these tests hold whatever the apps declare."""

from collections.abc import Iterator

import pytest

from portal.operations import registry


@pytest.fixture(autouse=True)
def _own_operations() -> Iterator[None]:
    """What a test declares (`test.…`) is taken out again; what a page imports meanwhile stays."""
    yield
    for code in [code for code in registry._registry if code.startswith("test.")]:
        del registry._registry[code]
