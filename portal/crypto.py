"""How personal data rests: encrypted with a key from the environment, found by a keyed digest."""

from __future__ import annotations

import hmac
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured("FIELD_KEYS must be url-safe base64 keys of 32 bytes") from error


def encrypt(text: str) -> str:
    """Return `text` encrypted with the newest key."""
    return _box(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return the plain text of `token`. Raises ValueError when no key fits."""
    try:
        return _box(tuple(settings.FIELD_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise ValueError("no key of FIELD_KEYS decrypts this value") from error


def rotate(token: str) -> str:
    """Return `token` encrypted anew with the newest key."""
    return _box(tuple(settings.FIELD_KEYS)).rotate(token.encode()).decode()


def is_newest(token: str) -> bool:
    """Whether `token` was encrypted with the newest key."""
    try:
        _box(tuple(settings.FIELD_KEYS[:1])).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def digest(text: str, *, purpose: str) -> str:
    """Return 64 hex digits by which equal values are found without being readable.

    `purpose` keeps the digests of different fields from being compared with one another.
    """
    mac = _keyed(settings.DIGEST_KEY, purpose).copy()
    mac.update(text.encode())
    return mac.hexdigest()


@lru_cache(maxsize=64)
def _keyed(key: str, purpose: str) -> hmac.HMAC:
    return hmac.new(key.encode(), f"{purpose}\0".encode(), "sha256")


# Only the stubs know the field's type parameters.
if TYPE_CHECKING:
    TextField = models.TextField[str, str]
else:
    TextField = models.TextField


class EncryptedTextField(TextField):
    """A text column that is encrypted at rest. It cannot be searched; keep a digest beside it."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value else value

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise TypeError(f"{self.name} is encrypted: filter by its digest instead")
        return super().get_lookup(lookup_name)
