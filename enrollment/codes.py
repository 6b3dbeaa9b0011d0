"""Registration codes: unguessable, readable aloud, and every group says by itself whether it was mistyped. CQ20-3.3.

Four groups of four signs. In each, three signs are random (15 bits, 60 in all) and the fourth is a check sign that
depends on the group's place, so a mistyped or swapped group is named without any look-up.
"""

from __future__ import annotations

import secrets

from portal.crypto import digest
from portal.papers.codes import ALPHABET

GROUPS, SIGNS = 4, 3
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})


def new_code() -> str:
    """Return a random code of 16 signs, check signs included."""
    groups = ["".join(secrets.choice(ALPHABET) for _ in range(SIGNS)) for _ in range(GROUPS)]
    return "".join(group + check_sign(group, place) for place, group in enumerate(groups))


def shown(code: str) -> str:
    """The code as people read it: `7K3M-9QXP-2B4D-8FHT`."""
    return "-".join(_groups(code))


def cleaned(text: str) -> str:
    """What was typed as a code: capitals, no gaps, look-alikes put right."""
    return "".join(each for each in text.upper().translate(_MISREAD) if each in ALPHABET)


def mistyped_group(code: str) -> int:
    """Return 0 for a well-formed code, else the number of the first wrong group, from 1; a short one is wrong at its end."""
    for place, group in enumerate(_groups(code.ljust(GROUPS * (SIGNS + 1), "?"))):
        if "?" in group or group[SIGNS] != check_sign(group[:SIGNS], place):
            return place + 1
    return GROUPS if len(code) > GROUPS * (SIGNS + 1) else 0


def check_sign(group: str, place: int) -> str:
    """The check sign of a group at its place (0–3). Odd weights: every single wrong sign changes it."""
    values = [ALPHABET.index(each) for each in group]
    return ALPHABET[
        sum((2 * index + 1) * value for index, value in enumerate(values, 1 + place)) % len(ALPHABET)
    ]


def code_digest(code: str) -> str:
    """The digest under which a trainee's code is stored."""
    return digest(code, purpose="registration-code")


def class_code_digest(code: str) -> str:
    """The digest under which a class's code is found."""
    return digest(code, purpose="class-code")


def _groups(code: str) -> list[str]:
    return [code[start : start + SIGNS + 1] for start in range(0, GROUPS * (SIGNS + 1), SIGNS + 1)]
