"""What a password must be like, and how temporary ones are made."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from portal.accounts.models import User

REMEMBERED = 5
TEMPORARY_LENGTH = 12
# Read aloud or copied from paper: nothing that looks like something else.
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "23456789"


class CharacterClassesValidator:
    """At least `least` of the four classes: capitals, small letters, digits, signs."""

    def __init__(self, least: int = 3) -> None:
        self.least = least

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError when `password` draws on too few classes."""
        if classes_of(password) < self.least:
            raise ValidationError(
                _("密码过于简单：须包含大写字母、小写字母、数字、特殊字符中的至少%(least)s类。")
                % {"least": self.least},
                code="password_too_few_classes",
            )

    def get_help_text(self) -> str:
        return _("包含大写字母、小写字母、数字、特殊字符中的至少%(least)s类。") % {"least": self.least}


class HistoryValidator:
    """Not one of the last `remembered` passwords of the person."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self.remembered = remembered

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError when the person has used `password` lately."""
        if user is None or user.pk is None:
            return
        former = user.password_history.values_list("password", flat=True)[: self.remembered]
        if any(check_password(password, each) for each in {user.password, *former}):
            raise ValidationError(
                ngettext(
                    "不能使用最近%(count)s次用过的密码。",
                    "不能使用最近%(count)s次用过的密码。",
                    self.remembered,
                )
                % {"count": self.remembered},
                code="password_used_before",
            )

    def get_help_text(self) -> str:
        return _("不能与最近%(count)s次用过的密码相同。") % {"count": self.remembered}


def classes_of(password: str) -> int:
    """Return how many of the four classes of characters `password` has."""
    tests = (str.islower, str.isupper, str.isdigit, lambda each: each in string.punctuation or each.isspace())
    return sum(any(test(each) for each in password) for test in tests)


def temporary_password() -> str:
    """Return a random password that fulfils the rules and is easy to copy from paper."""
    pick = secrets.SystemRandom()
    chosen = [pick.choice(each) for each in (_LETTERS, _CAPITALS, _DIGITS)]
    chosen += [pick.choice(_LETTERS + _CAPITALS + _DIGITS) for _each in range(TEMPORARY_LENGTH - len(chosen))]
    pick.shuffle(chosen)
    return "".join(chosen)
