"""Verification codes: what stands on a paper, and what people make of it when they type it."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.urls import reverse

# Base 32 without I, L, O and U, so that no sign is taken for another: 16 of them are 80 random bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code() -> str:
    """Return a random verification code of 80 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(code: str) -> str:
    """The code as people read it: `AB12-CD34-EF56-GH78`."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def typed(text: str) -> str:
    """What `text` means as a code: capitals, no gaps, look-alikes put right; "" when it cannot be one."""
    code = "".join(text.upper().split()).replace("-", "").translate(_MISREAD)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""


def verification_url(code: str) -> str:
    """The public address that the QR code opens."""
    public: str = settings.PUBLIC_URL
    return public + reverse("papers:verify", args=[code])
