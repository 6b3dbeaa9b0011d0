"""Settings that make the tests of accounts quick without changing what they test."""

import pytest
from django.conf import LazySettings
from django.core.cache import cache


@pytest.fixture(autouse=True)
def quick_hashes(settings: LazySettings) -> None:
    """Argon2 is slow on purpose; what is tested here is when a hash is made, not how."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """How often an address may ask is counted in the cache, and all tests come from one address."""
    cache.clear()
