"""Operations of our own, over organisations, so that these tests hold whatever the apps declare."""

from collections.abc import Iterator

import pytest

from portal.operations import registry


@pytest.fixture(autouse=True)
def _own_operations() -> Iterator[None]:
    """What a test declares (`test.…`) is taken out again; what a page imports meanwhile stays.

    Only these tests may declare `test.…`: a module elsewhere that did would be found twice, or taken from under itself.
    """
    foreign = _declared()
    assert not foreign, f"declared outside tests/operations: {foreign}"
    yield
    for code in _declared():
        del registry._registry[code]


def _declared() -> list[str]:
    return [code for code in registry._registry if code.startswith("test.")]
