"""What people and office programs do to text, undone: full-width and control characters, odd spaces."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from pypinyin import Style, lazy_pinyin
from pypinyin.seg.mmseg import seg

# Full-width letters, digits and signs become ASCII; Chinese punctuation is right as it is in Chinese text.
_KEPT = set("（），：；！？")
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_WIDE = {code: ascii_code for code, ascii_code in _FOLD.items() if chr(code) not in _KEPT}
_SPACES = dict.fromkeys([0x00A0, 0x2007, 0x202F, 0x3000, *range(0x2000, 0x200B)], " ")
# Zero-width and direction marks: invisible, and two names that look equal would differ.
_HIDDEN = [0x00AD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)]
_CLEAN: dict[int, int | str | None] = {**_WIDE, **_SPACES, **dict.fromkeys(_HIDDEN)}

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ODD = re.compile("[" + "".join(f"\\u{code:04x}" for code in _CLEAN) + _CONTROL.pattern[1:-1] + r"\s]")
_WIDE_SIGN = re.compile(f"[{''.join(_KEPT)}]")
_BLANKS = re.compile(r"\s+")
_LINE_BLANKS = re.compile(r"[^\S\n]+")
_MANY_LINES = re.compile(r" ?\n ?(?:\n ?)*")
# One syllable a character for what is no Han; the stubs do not know that a list may be given back.
_CHARACTERS: Any = list
_SURNAMES = {"单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "查": "zha", "朴": "piao", "翟": "zhai"}


def has_control(text: str) -> bool:
    """Whether `text` holds characters that no one can see or type: control codes and lone surrogates."""
    return not text.isprintable() and _CONTROL.search(text) is not None


def normalise(text: str, *, multiline: bool = False) -> str:
    """Return `text` as its writer meant it.

    ASCII letters and digits, single spaces, nothing invisible, trimmed. Line breaks become spaces unless
    `multiline`; then runs of them become one.
    """
    if not _ODD.search(text):
        return text
    text = _CONTROL.sub("", text.translate(_CLEAN))
    if not multiline:
        return _BLANKS.sub(" ", text).strip()
    text = _LINE_BLANKS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _MANY_LINES.sub("\n", text).strip()


def fold(text: str) -> str:
    """Return the key under which two spellings of a title or choice are equal: no spaces, width, case."""
    if _ODD.search(text):
        text = _BLANKS.sub("", normalise(text))
    return (text.translate(_FOLD) if _WIDE_SIGN.search(text) else text).casefold()


def initials(name: str) -> str:
    """Return the pinyin initials of `name` in lower case: “重庆市教委” gives “cqsjw”. Latin stays."""
    return "".join(syllable[0] for syllable in _syllables(name)).lower()


def pinyin_key(name: str) -> str:
    """Return a key that sorts Chinese names in pinyin order, a surname in its surname reading."""
    return " ".join(_syllables(name)).lower()


@lru_cache(maxsize=4096)
def _syllables(name: str) -> tuple[str, ...]:
    text = _BLANKS.sub("", normalise(name))
    surname = _SURNAMES.get(text[:1]) if len(text) <= 4 else None
    words = seg.cut(text[1:] if surname else text)
    found = (syllable for word in words for syllable in _reading(word))
    return (*([surname] if surname else []), *(each for each in found if each.isalnum()))


@lru_cache(maxsize=16_384)
def _reading(word: str) -> tuple[str, ...]:
    """The syllables of one word, as the dictionary cuts them: names share few, and looking one up is slow."""
    return tuple(lazy_pinyin([word], style=Style.NORMAL, errors=_CHARACTERS))
