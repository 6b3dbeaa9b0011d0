"""Which characters the small everyday fonts carry; rarer ones come from the full fonts behind them."""

from __future__ import annotations

from collections.abc import Iterator

# Latin, punctuation, arrows, mathematics, circled numbers, boxes and shapes, CJK signs, full-width forms.
BLOCKS = (
    (0x0020, 0x007E),
    (0x00A0, 0x017F),
    (0x2010, 0x205E),
    (0x2100, 0x22FF),
    (0x2460, 0x24FF),
    (0x2500, 0x27BF),
    (0x3000, 0x303F),
    (0xFF01, 0xFFEE),
)


def everyday() -> set[int]:
    """Code points of GB 2312 and of the signs that forms are made of: about 9,000."""
    return set(_gb2312()).union(*(range(first, last + 1) for first, last in BLOCKS))


def _gb2312() -> Iterator[int]:
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            text = bytes((row, cell)).decode("gb2312", errors="ignore")
            yield from map(ord, text)
