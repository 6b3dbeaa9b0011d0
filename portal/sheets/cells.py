"""One cell as the child gives it, and how it reads as text."""

from __future__ import annotations

import math
from typing import Any

from django.utils.translation import gettext as _

# str, int, float, bool, or a dict with one of the keys date, time, error, formula. See portal.sheets.intake.
Cell = Any
# Excel and WPS keep this many digits of a number; those behind are zeros.
KEPT_DIGITS = 15


class BadCell(ValueError):
    """The cell's content is not acceptable; the argument is the message for the person."""


def shown(cell: Cell) -> str:
    """Return the cell as a person would recognise it, for lists of findings. Never raises."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, dict):
        text = cell.get("date") or cell.get("time") or cell.get("error") or _("（公式无结果）")
        return str(text).removesuffix("T00:00:00")
    if isinstance(cell, bool):
        return _("是") if cell else _("否")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**KEPT_DIGITS:
        return str(int(cell))
    return str(cell)


def text_of(cell: Cell) -> str:
    """Return the text that was meant, also when Excel made a number of it.

    Raises BadCell when digits are lost. Text is expected to be normalised already.
    """
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        number = float(cell)
        if not math.isfinite(number):
            raise BadCell(_("不是有效的内容，请重新填写"))
        if abs(number) >= 10**KEPT_DIGITS:
            raise BadCell(
                _("以数字格式存储，第15位以后的数字已丢失；请先把该列设为“文本”格式，再重新输入完整的号码")
            )
    return shown(cell)
