"""Chinese names: how they sort, how they are found, how they are masked."""

from __future__ import annotations

from portal import text


def initials(name: str) -> str:
    """Return the lower-case pinyin initials of `name` (`重庆` → `cq`), at most 100 letters."""
    return text.initials(name)[:100]


def sort_key(name: str) -> str:
    """Return the pinyin of a person's name, by which it sorts as Chinese readers expect; at most 120 letters."""
    return text.pinyin_key(name)[:120]


def mask_name(name: str) -> str:
    """Return the name as strangers may see it: `张*`, `欧阳**`."""
    shown = 2 if len(name) > 3 else 1
    return name[:shown] + "*" * (len(name) - shown)


def mask_id(number: str) -> str:
    """Return an ID number with all but the region's first three and the last digit hidden."""
    if len(number) < 8:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 4) + number[-1]


def mask_phone(phone: str) -> str:
    """Return `138****8000`."""
    return phone[:3] + "*" * max(len(phone) - 7, 0) + phone[-4:] if len(phone) > 7 else "*" * len(phone)
