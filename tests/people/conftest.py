"""Settings that make these tests quick without changing what they test."""

import pytest
from django.conf import LazySettings


@pytest.fixture(autouse=True)
def quick_hashes(settings: LazySettings) -> None:
    """Argon2 is slow on purpose; no password is tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
