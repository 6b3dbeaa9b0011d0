"""What the public page says of a code, and how often a stranger may ask."""

from __future__ import annotations

from http import HTTPStatus

from django.core.cache import cache
from django.utils.translation import gettext as _

from portal.errors import DomainError
from portal.papers import codes
from portal.papers.models import IssuedPaper

# Lookups an address may make in a window of so many seconds. A code has 80 random bits: this is against load and nuisance.
MOST, WINDOW = 30, 60


class TooMany(DomainError):
    """The address has asked too often."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    default_code = "too_many"


def look_up(text: str) -> IssuedPaper | None:
    """The issued paper that `text`, as typed or scanned, names. One query whatever it is, so that the time says nothing."""
    return IssuedPaper.objects.public().filter(code=codes.typed(text)).first()


def count_lookup(address: str) -> None:
    """Count one lookup from `address`. Raises TooMany over MOST in WINDOW seconds."""
    key = f"verify:{address}"
    cache.add(key, 0, WINDOW)
    try:
        count = cache.incr(key)
    except ValueError:
        # The window ended between the two calls: this lookup opens the next.
        cache.set(key, 1, WINDOW)
        count = 1
    if count > MOST:
        raise TooMany(_("查询过于频繁，请一分钟后再试。"))
