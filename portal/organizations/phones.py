"""Telephone numbers of people and offices. Pure checks, in words."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from portal.organizations.codes import clean_code
from portal.organizations.problems import Problem

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(0[0-9]{2,3}-?[0-9]{7,8}|[2-9][0-9]{6,7})([-转*#X][0-9]{1,6})?")
_COUNTRY = re.compile(r"^(\+86|0086|86)(?=1[0-9]{10}$)")


def clean_phone(value: object) -> str:
    """Return a telephone number as it is stored: digits only, a landline with its dash, no country code."""
    number = clean_code(value)
    if _LANDLINE.fullmatch(number):
        return number
    return _COUNTRY.sub("", number.replace("-", ""))


def check_mobile(phone: str, *, field: str = "phone") -> list[Problem]:
    """Return what is wrong with a cleaned mobile number; an empty one is not judged here."""
    if not phone or _MOBILE.fullmatch(phone):
        return []
    return [Problem("mobile", _("手机号应为以1开头的11位数字。请核对有无缺位或多位。"), field=field)]


def check_contact(phone: str, *, field: str = "contact_phone") -> list[Problem]:
    """Like `check_mobile`, for an office, whose number may be a landline."""
    if not phone or _LANDLINE.fullmatch(phone) or _MOBILE.fullmatch(phone):
        return []
    return [
        Problem(
            "phone", _("联系电话应为11位手机号，或带区号的固定电话（如023-12345678）。请核对。"), field=field
        )
    ]
