"""Numbers that are names: ID numbers, telephones, codes. Always text, whatever Excel made of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from portal.sheets.cells import KEPT_DIGITS, BadCell, Cell, text_of
from portal.sheets.kinds import Kind

_GAPS = re.compile(r"[\s\-‐‑‒–—―·'’`]")
_DOCUMENT = re.compile(r"[0-9A-Z()]{5,20}")
_BRACKETS = str.maketrans("（）", "()")
_NO_BRACKETS = str.maketrans(dict.fromkeys("（）()"))
_COUNTRY = re.compile(r"^(?:\+86|0086|86(?=1\d{10}$))")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(?:0\d{2,3})?[2-9]\d{6,7}(?:(?:转|\*|#|x)\d{1,6})?", re.IGNORECASE)


@dataclass(frozen=True)
class IdNumber(Kind):
    """An identity document's number as text, upper case, without gaps. Whether it is valid is a rule's matter."""

    as_text: ClassVar[bool] = True
    sensitive: ClassVar[bool] = True
    default_width: ClassVar[int] = 21

    def parse(self, cell: Cell) -> str:
        if isinstance(cell, (int, float)) and abs(cell) >= 10**KEPT_DIGITS:
            raise BadCell(
                _("身份证号以数字格式存储，末几位已丢失；请先把该列设为“文本”格式，再重新输入完整的18位号码")
            )
        if isinstance(cell, str) and _DOCUMENT.fullmatch(cell):
            return cell
        text = _GAPS.sub("", text_of(cell)).translate(_BRACKETS).upper()
        if not _DOCUMENT.fullmatch(text):
            raise BadCell(_("证件号码只能由5至20位数字和字母组成，请核对"))
        return text


@dataclass(frozen=True)
class Phone(Kind):
    """A mobile number (11 digits), or a landline too unless `mobile`."""

    as_text: ClassVar[bool] = True
    sensitive: ClassVar[bool] = True
    default_width: ClassVar[int] = 15
    mobile: bool = True

    def parse(self, cell: Cell) -> str:
        if isinstance(cell, str) and _MOBILE.fullmatch(cell):
            return cell
        text = _COUNTRY.sub("", _GAPS.sub("", text_of(cell)).translate(_NO_BRACKETS))
        if _MOBILE.fullmatch(text):
            return text
        if self.mobile:
            raise BadCell(_("手机号码应为1开头的11位数字，请核对位数"))
        if not _LANDLINE.fullmatch(text):
            raise BadCell(_("电话号码格式不对，请填写11位手机号，或带区号的座机号（如023-12345678）"))
        return text


@dataclass(frozen=True)
class Code(Kind):
    """A code of digits and letters, of exactly `length` characters when given."""

    as_text: ClassVar[bool] = True
    length: int | None = None
    max_length: int = 40

    def parse(self, cell: Cell) -> str:
        text = re.sub(r"\s", "", text_of(cell))
        if self.length and len(text) != self.length:
            raise BadCell(
                _("应为%(length)s位，现为%(count)s位，请核对（以数字格式存储时，开头的0会丢失）")
                % {"length": self.length, "count": len(text)}
            )
        if len(text) > self.max_length:
            raise BadCell(_("超过%(limit)s个字符，请核对") % {"limit": self.max_length})
        return text
