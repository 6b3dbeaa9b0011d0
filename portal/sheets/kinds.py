"""What a column may hold: each kind turns a cell into a typed value, or says in words why not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, InvalidOperation
from decimal import Decimal as Number
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext as _

from portal.sheets.cells import BadCell, Cell, text_of
from portal.text import fold

if TYPE_CHECKING:
    from portal.errors import Text as Words

_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff\U00020000-\U0003ffff]) (?=[\u3400-\u9fff\U00020000-\U0003ffff])")
_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅．", "·"))
_MONEY_SIGNS = re.compile(r"[,，¥￥\s]|元$")
# Beyond this a float's digits are the noise of a formula, not what was meant.
_FLOAT_PLACES = Number("1e-9")


@dataclass(frozen=True)
class Kind:
    """Base of all kinds. `as_text`: the column is formatted as text so that Excel leaves digits alone."""

    as_text: ClassVar[bool] = False
    sensitive: ClassVar[bool] = False
    multiline: ClassVar[bool] = False
    number_format: ClassVar[str] = ""
    default_width: ClassVar[int] = 14

    def parse(self, cell: Cell) -> Any:
        """Return the value of a non-empty cell, its text normalised; cells of the same text share it. Raises BadCell."""
        return text_of(cell)

    def load(self, stored: Any) -> Any:
        """Return the value from what was stored of it as JSON, where dates and decimals stand as text."""
        return stored

    def show(self, value: Any) -> str:
        """Return the value as people read it; empty for None."""
        return "" if value is None else str(value)

    def export(self, value: Any) -> Any:
        """Return what is written into a cell: str, int, float, Decimal, date, datetime or None."""
        return value

    def offered(self) -> list[str]:
        """The entries of the column's drop-down list."""
        return []


@dataclass(frozen=True)
class Text(Kind):
    """A line of text up to `max_length` characters; `pattern` must match it whole."""

    max_length: int = 200
    pattern: str = ""
    pattern_message: Words = ""

    def parse(self, cell: Cell) -> str:
        text = cell if isinstance(cell, str) else text_of(cell)
        if len(text) > self.max_length:
            raise BadCell(
                _("有%(count)s个字，超过%(limit)s个字的上限，请精简")
                % {"count": len(text), "limit": self.max_length}
            )
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise BadCell(str(self.pattern_message) or _("格式不对，请按模板中的说明填写"))
        return text


@dataclass(frozen=True)
class LongText(Text):
    """Text whose line breaks are kept."""

    multiline: ClassVar[bool] = True
    default_width: ClassVar[int] = 30
    max_length: int = 2000


@dataclass(frozen=True)
class Name(Text):
    """A person's name: the padding of two-character names goes, the dot of other names becomes “·”."""

    default_width: ClassVar[int] = 10
    max_length: int = 50

    def parse(self, cell: Cell) -> str:
        text = super().parse(cell)
        return text if text.isalnum() else _HAN_GAP.sub("", text).translate(_DOTS)


@dataclass(frozen=True)
class Decimal(Kind):
    """A number with at most `places` decimals, as decimal.Decimal."""

    default_width: ClassVar[int] = 12
    places: int = 2
    minimum: Number | int | None = None
    maximum: Number | int | None = None

    def parse(self, cell: Cell) -> Number:
        value = self._in_range(_number(cell))
        rounded = value.quantize(Number(1).scaleb(-self.places), ROUND_HALF_UP)
        if rounded != value:
            raise BadCell(_("小数位数过多，最多%(places)s位小数") % {"places": self.places})
        return rounded

    def load(self, stored: Any) -> Number | None:
        return None if stored is None else Number(stored)

    def _in_range(self, value: Number) -> Number:
        if self.minimum is not None and value < self.minimum:
            raise BadCell(_("不能小于%(limit)s") % {"limit": self.minimum})
        if self.maximum is not None and value > self.maximum:
            raise BadCell(_("不能大于%(limit)s") % {"limit": self.maximum})
        return value


@dataclass(frozen=True)
class Money(Decimal):
    """Yuan."""

    number_format: ClassVar[str] = "#,##0.00"
    default_width: ClassVar[int] = 14
    minimum: Number | int | None = 0

    def show(self, value: Any) -> str:
        return "" if value is None else f"{value:,.2f}"


@dataclass(frozen=True)
class Integer(Decimal):
    """A whole number; a trailing `unit` (人, 天) is accepted."""

    places: int = 0
    unit: str = ""
    minimum: Number | int | None = 0
    maximum: Number | int | None = 2_000_000_000

    def parse(self, cell: Cell) -> int:  # type: ignore[override]
        if isinstance(cell, str) and self.unit:
            cell = cell.removesuffix(self.unit)
        value = _number(cell)
        if value != value.to_integral_value():
            raise BadCell(_("应为整数，不能有小数"))
        return int(self._in_range(value))

    def load(self, stored: Any) -> int | None:  # type: ignore[override]
        return None if stored is None else int(stored)


@dataclass(frozen=True)
class Choice(Kind):
    """One of `choices` (value, label); labels, values and `synonyms` (text → value) are accepted."""

    choices: Sequence[tuple[str, Words]] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return id(self)

    @cached_property
    def _by_text(self) -> dict[str, str]:
        found = {fold(text): value for text, value in self.synonyms.items()}
        found |= {fold(value): value for value, label in self.choices}
        return found | {fold(str(label)): value for value, label in self.choices}

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {value: str(label) for value, label in self.choices}

    def parse(self, cell: Cell) -> Any:
        text = text_of(cell)
        try:
            return self._by_text[fold(text)]
        except KeyError:
            some = "、".join(self.offered()[:8]) + ("…" if len(self.choices) > 8 else "")
            raise BadCell(_("不在可选范围内，请从下拉列表中选择：%(choices)s") % {"choices": some}) from None

    def show(self, value: Any) -> str:
        return "" if value is None else self._labels.get(value, str(value))

    def export(self, value: Any) -> str | None:
        return None if value is None else self.show(value)

    def offered(self) -> list[str]:
        return list(self._labels.values())


_YES_NO = dict.fromkeys(("√", "有", "y", "true", "1"), "yes") | dict.fromkeys(
    ("×", "x", "无", "n", "false", "0"), "no"
)


class YesNo(Choice):
    """是 or 否, as bool."""

    default_width: ClassVar[int] = 8

    def __init__(self) -> None:
        super().__init__((("yes", _("是")), ("no", _("否"))), _YES_NO)

    def parse(self, cell: Cell) -> bool:
        return bool(super().parse(cell) == "yes")

    def show(self, value: Any) -> str:
        return "" if value is None else super().show("yes" if value else "no")


def _number(cell: Cell) -> Number:
    """The number in a cell: plain, with thousands separators or a currency sign. Raises BadCell."""
    if isinstance(cell, (bool, dict)):
        raise BadCell(_("应为数字"))
    text = _MONEY_SIGNS.sub("", cell) if isinstance(cell, str) else repr(cell)
    try:
        value = Number(text)
    except InvalidOperation:
        raise BadCell(_("应为数字，请去掉文字和符号")) from None
    if not value.is_finite() or abs(value) >= 10**15:
        raise BadCell(_("数字过大或无效，请核对"))
    return value.quantize(_FLOAT_PLACES).normalize() if isinstance(cell, float) else value
