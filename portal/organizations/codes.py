"""The codes an organisation bears: school code, unified social credit code, region. Pure checks, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from portal.organizations.kinds import Kind
from portal.organizations.problems import Problem
from portal.organizations.regions import is_region
from portal.text import fold

CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

# Category, province, serial number. Source: 学校（机构）代码管理办法 (2011); domain facts §5.4.
_SCHOOL_CODE = re.compile(
    r"(11|2[12]|3[1-7]|4[12]|51|9[123])(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])[0-9]{6}"
)
HIGHER = frozenset({"41", "42", "91", "92"})
VOCATIONAL = frozenset({"32", "33", "36", "93"})
BEARERS = frozenset({Kind.SCHOOL, Kind.COLLEGE, Kind.BASE, Kind.DEVELOPMENT_CENTER})


def clean_code(value: object) -> str:
    """Return a code as it is stored: upper case, ASCII, no spaces; a spreadsheet's number without its `.0`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return fold(str(value)).upper() if value is not None else ""


def credit_check_digit(first17: str) -> str:
    """The last character of a unified social credit code. Source: GB 32100-2015."""
    values = (CREDIT_CHARACTERS.index(each) for each in first17)
    total = sum(value * weight for value, weight in zip(values, CREDIT_WEIGHTS, strict=True))
    return CREDIT_CHARACTERS[-total % 31]


def check_credit_code(code: str) -> list[Problem]:
    """Return what is wrong with a cleaned unified social credit code; an empty one is not judged."""
    return (
        [Problem(name, text, field="credit_code") for name, text in _credit_errors(code)][:1] if code else []
    )


def _credit_errors(code: str) -> Iterator[tuple[str, str]]:
    if len(code) != 18:
        message = _("统一社会信用代码应为18位，现为%(count)d位。请与法人证书核对。")
        yield "credit_length", message % {"count": len(code)}
    elif set(code) - set(CREDIT_CHARACTERS):
        yield "credit_charset", _("统一社会信用代码只含数字和大写字母，不含I、O、S、V、Z。请与法人证书核对。")
    elif credit_check_digit(code[:17]) != code[17]:
        yield "credit_check_digit", _("统一社会信用代码校验位不符，说明有某位填错。请与法人证书逐位核对。")


def check_school_code(code: str, kind: str, region_code: str = "") -> list[Problem]:
    """Return what is wrong with a cleaned school code for this kind of organisation; an empty one is not judged."""
    return list(_school_code_problems(code, kind, region_code))[:1] if code else []


def _school_code_problems(code: str, kind: str, region_code: str) -> Iterator[Problem]:
    if kind not in BEARERS:
        message = _("“%(kind)s”没有学校标识码。请清空此项。")
        yield _school("school_code_kind", message % {"kind": Kind(kind).label})
    if not _SCHOOL_CODE.fullmatch(code):
        message = _("学校标识码应为10位数字：类别2位、省份2位、序号6位。请与学校（机构）代码证核对。")
        yield _school("school_code_form", message)
    if kind == Kind.COLLEGE and code[:2] not in HIGHER:
        yield _school("school_code_kind", _("高职院校的学校标识码应以41或42开头。请核对机构类别和代码。"))
    if kind == Kind.SCHOOL and code[:2] in HIGHER:
        yield _school(
            "school_code_kind", _("此学校标识码属于高等学校，与“中职学校”不符。请核对机构类别和代码。")
        )
    if kind == Kind.SCHOOL and code[:2] not in VOCATIONAL:
        message = _("中职学校的学校标识码一般以36开头。请核对，无误可忽略。")
        yield _school("school_code_category", message, blocks=False)
    if region_code and code[2:4] != region_code[:2]:
        message = _("学校标识码中的省份与行政区划代码不一致。请核对，无误可忽略。")
        yield _school("school_code_province", message, blocks=False)


def _school(code: str, message: str, *, blocks: bool = True) -> Problem:
    return Problem(code, message, blocks, "school_code")


def check_region(code: str) -> list[Problem]:
    """Return what is wrong with a region code (GB/T 2260); an empty one is not judged."""
    if not code or is_region(code):
        return []
    message = _("行政区划代码应为6位数字，前两位为省级代码（如500101）。请核对。")
    return [Problem("region", message, field="region_code")]
