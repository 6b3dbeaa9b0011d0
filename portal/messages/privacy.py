"""No message carries a full ID number, whatever the caller put in: it leaves the portal by mail and SMS."""

from __future__ import annotations

import re

from portal.names import mask_id

_NARROW = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")


def without_id_numbers(text: str) -> str:
    """Return `text` with every 18-character resident ID number masked; full-width digits count too."""
    return _ID_NUMBER.sub(lambda found: mask_id(found.group()), text.translate(_NARROW))
