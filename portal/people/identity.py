"""Identity documents: what is wrong with a number, in words. Pure; the day is passed in.

Resident IDs follow GB 11643-1999. Length, characters, birth date, check digit are errors; an unknown region,
an unusual age and a contradiction to other columns only warn: regions change, and people know themselves.
No message repeats the number: messages are kept where the number must not be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from operator import mul

from django.utils.translation import gettext as _

from portal.organizations.problems import Problem
from portal.organizations.regions import province_known
from portal.people.codes import DocumentType, Gender
from portal.text import fold

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
# What seventeen zeros weigh as characters: a digit's code is that of zero and the digit.
_ZEROS = ord("0") * sum(WEIGHTS)
YOUNGEST, OLDEST = 18, 70
# A spreadsheet's number keeps 15 digits; a longer one has lost its last.
EXACT = 10**15

_RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
_ROUNDED = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]{2}")
# Outward forms of the other documents; their check digits are not published.
_OTHERS: dict[str, re.Pattern[str]] = {
    DocumentType.HK_MACAO_PERMIT: re.compile(r"[HM][0-9]{8}([0-9]{2})?"),
    DocumentType.TAIWAN_PERMIT: re.compile(r"[0-9]{8}([0-9]{2})?"),
    DocumentType.PASSPORT: re.compile(r"[A-Z0-9]{5,17}"),
}


def clean_number(value: object) -> str:
    """Return a document's number as it is stored: upper case, ASCII, no spaces.

    Accepts text and the numbers into which spreadsheets turn it. One that lost digits becomes `5.0010E+17`,
    which `check_document` knows.
    """
    if isinstance(value, float):
        value = f"{value:.14E}" if abs(value) >= EXACT else f"{value:.15g}"
    return fold(str(value)).upper() if value is not None else ""


def check_digit(first17: str) -> str:
    """The last character of a resident ID whose first 17 digits are given (ISO 7064 MOD 11-2)."""
    total = sum(map(mul, first17.encode(), WEIGHTS)) - _ZEROS
    return CHECK_DIGITS[total % 11]


def compose_id(region: str, birth: date, sequence: int) -> str:
    """Return the valid resident ID of a region (6 digits), a day and a sequence 0–999 (odd: male)."""
    first17 = f"{region}{birth:%Y%m%d}{sequence:03d}"
    return first17 + check_digit(first17)


def birth_of(number: str) -> date | None:
    """The birth date in a resident ID, or None when there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def gender_of(number: str) -> Gender:
    """The sex in a resident ID: the 17th digit is odd for men."""
    return Gender.MALE if int(number[16]) % 2 else Gender.FEMALE


def check_document(
    document_type: str, number: str, *, today: date, gender: str = "", birth_date: date | None = None
) -> list[Problem]:
    """Return what is wrong with a cleaned `number`; `gender` and `birth_date` are compared where given.

    Nothing that blocks means the number is accepted. Source: GB 11643-1999; domain facts §5.2, §5.7.
    """
    if not number:
        return [_number("missing", _("未填写身份证件号。请填写。"))]
    if document_type != DocumentType.RESIDENT_ID:
        return list(_other_errors(document_type, number))
    blocking = next(_resident_errors(number, today), None)
    if blocking:
        return [blocking]
    return list(_resident_warnings(number, today, gender, birth_date))


def _resident_errors(number: str, today: date) -> Iterator[Problem]:
    if _ROUNDED.fullmatch(number):
        yield _number("rounded", _rounded())
    if len(number) == 15 and number.isdecimal():
        yield _number("old_form", _("这是15位的旧身份证号，已停止使用。请填写18位身份证号。"))
    if len(number) != 18:
        message = _("身份证号应为18位，现为%(count)d位。请核对是否缺位或多位。")
        yield _number("length", message % {"count": len(number)})
    if not _RESIDENT.fullmatch(number):
        yield _number("charset", _("身份证号前17位应为数字，末位为数字或X。请核对有无多余字符。"))
    birth = birth_of(number)
    if birth is None or not date(1900, 1, 1) <= birth <= today:
        yield _number("birth", _("身份证号第7至14位不是有效的出生日期。请与身份证核对。"))
    if check_digit(number[:17]) != number[17]:
        message = _("身份证号校验位不符，说明有某位填错。请与身份证逐位核对。")
        yield _number("check_digit", _rounded() if number.endswith("000") else message)


def _number(code: str, message: str, *, blocks: bool = True) -> Problem:
    return Problem(code, message, blocks, "id_number")


def _rounded() -> str:
    return _("身份证号被表格软件按数字存储，末几位已丢失。请将该列设为“文本”格式后重新填写。")


def _resident_warnings(number: str, today: date, gender: str, birth_date: date | None) -> Iterator[Problem]:
    birth = birth_of(number) or today
    age = today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
    if not province_known(number):
        message = _("身份证号前6位“%(code)s”不是已知的行政区划。请核对，无误可忽略。")
        yield _number("region", message % {"code": number[:6]}, blocks=False)
    if not YOUNGEST <= age <= OLDEST:
        message = _("按身份证号计算年龄为%(age)d岁，不在18至70岁之间。请核对，无误可忽略。")
        yield _number("age", message % {"age": age}, blocks=False)
    if gender in {Gender.MALE, Gender.FEMALE} and gender != gender_of(number):
        message = _("性别与身份证号不一致。请核对，无误可忽略。")
        yield Problem("gender", message, blocks=False, field="gender")
    if birth_date and birth_date != birth:
        message = _("出生日期与身份证号不一致。请核对，无误可忽略。")
        yield Problem("birth_mismatch", message, blocks=False, field="birth_date")


def _other_errors(document_type: str, number: str) -> Iterator[Problem]:
    form = _OTHERS.get(document_type)
    if form is None:
        message = _("身份证件类型不在可选范围内。请从列表中选择。")
        yield Problem("document_type", message, field="document_type")
    elif not form.fullmatch(number):
        message = _("号码不符合“%(type)s”的格式。请核对证件类型和号码。")
        yield _number("form", message % {"type": DocumentType(document_type).label})
