"""What stands in a QR code on the class teacher's screen: signed, about one thing, soon over.

Time is the real one, not the business clock: a token guards against a photograph that is passed on, whatever the day.
"""

from __future__ import annotations

from io import BytesIO

import segno
from django.core import signing
from django.utils.translation import gettext as _

from portal.errors import Invalid

# A new one is drawn every ROTATE seconds; one that was just scanned stays good until the trainee has signed in.
ROTATE, LIFE = 30, 120


def sign(purpose: str, key: int) -> str:
    """A token for `purpose` about the record `key`."""
    return signing.dumps(key, salt=f"portal.qr.{purpose}", compress=False)


def read(purpose: str, token: str) -> int:
    """The key that was signed. Raises Invalid for a token that is forged, about something else, or over."""
    try:
        return int(signing.loads(token, salt=f"portal.qr.{purpose}", max_age=LIFE))
    except signing.SignatureExpired:
        raise Invalid(_("二维码已过期。请扫描班主任屏幕上当前显示的二维码。"), code="token_expired") from None
    except (signing.BadSignature, ValueError, TypeError):
        raise Invalid(_("二维码无效。请扫描班主任屏幕上显示的二维码。"), code="token_invalid") from None


def picture(address: str) -> bytes:
    """The QR code of `address` as SVG."""
    out = BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", scale=8, border=2)
    return out.getvalue()
