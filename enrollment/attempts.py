"""How often codes may be tried: by one address, and at one code's beginning. Source: CQ20-3.3."""

from __future__ import annotations

from http import HTTPStatus

from django.core.cache import cache
from django.utils.translation import gettext as _

from enrollment.codes import cleaned
from portal.crypto import digest
from portal.errors import DomainError

# A school's people sit behind one address, so it may try more often than a single code may be tried.
BY_ADDRESS, BY_CODE, WINDOW = 60, 8, 600
PREFIX = 8


class TooManyAttempts(DomainError):
    """Too many tries; the code itself stays valid."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    default_code = "too_many"


def count_attempt(address: str, code: str) -> None:
    """Count one try. Raises TooManyAttempts over the limit of the address or of the code's first two groups."""
    prefix = digest(cleaned(code)[:PREFIX], purpose="code-attempts")
    counts = [(_count(f"register:ip:{address}"), BY_ADDRESS), (_count(f"register:code:{prefix}"), BY_CODE)]
    if any(count > most for count, most in counts):
        raise TooManyAttempts(
            _("尝试次数过多，请10分钟后再试。验证码仍然有效；如忘记或遗失，请联系本单位重新发放。")
        )


def _count(key: str) -> int:
    cache.add(key, 0, WINDOW)
    try:
        return cache.incr(key)
    except ValueError:
        # The window ended between the two calls: this try opens the next.
        cache.set(key, 1, WINDOW)
        return 1
