"""Settings that make the tests of accounts quick without changing what they test."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """How often an address may ask is counted in the cache, and all tests come from one address."""
    cache.clear()
