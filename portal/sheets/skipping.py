"""Rows below a header that are no data: the template's example, a repeated header, the lines below the table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from portal.sheets.cells import Cell
from portal.sheets.header import Table, title_keys
from portal.sheets.layout import EXAMPLE_MARK, Column
from portal.text import fold

_FOOTER = re.compile(
    r"(填报|填表|制表|审核|经办|报送|推荐|申报)(单位|人|时间|日期|部门)|(单位|部门)?(负责人|联系人|联系电话|公章|盖章|签字|签章|日期)"
    r"|备注[:：]|注[:：]|说明[:：]|填表说明|填报说明|以下空白|（?盖章）?"
)
_TOTAL = re.compile(r"(合|总|小|共)计[:：]?")


def _titles(column: Column) -> set[str]:
    return {fold(str(column.title)), *map(fold, column.aliases)}


class Skipper:
    """Remembers whether the table is over: what follows its first closing line is notes, unless it is full of data."""

    def __init__(self, table: Table, *, totals: bool = False) -> None:
        self._totals = totals
        self._indexes = [index for _column, index in table.columns]
        self._required = [index for column, index in table.columns if column.required] or self._indexes
        self._titles = {index: _titles(column) for column, index in table.columns}
        self._over = False

    def reason(self, cells: Sequence[Cell]) -> str:
        """Why the row is not data, or "" when it is."""
        if self._is_example(cells):
            return _("示例行")
        if self._is_header(cells):
            return _("重复的表头")
        if self._is_total(cells):
            return _("合计行")
        if self._is_sparse(cells) and (self._over or self._starts_footer(cells)):
            self._over = True
            return _("表尾说明")
        return ""

    def _is_example(self, cells: Sequence[Cell]) -> bool:
        for cell in cells[:30]:
            if cell.__class__ is str and EXAMPLE_MARK in cell and cell.lstrip().startswith(EXAMPLE_MARK):
                return True
        return False

    def _is_header(self, cells: Sequence[Cell]) -> bool:
        width = len(cells)
        first = next((index for index in self._indexes if index < width and cells[index] != ""), None)
        if first is None or not self._repeats(cells, first):
            return False
        filled = [index for index in self._indexes if index < width and cells[index] != ""]
        return 2 * sum(self._repeats(cells, index) for index in filled) > len(filled)

    def _repeats(self, cells: Sequence[Cell], index: int) -> bool:
        cell = cells[index]
        return isinstance(cell, str) and not self._titles[index].isdisjoint(title_keys(cell))

    def _is_total(self, cells: Sequence[Cell]) -> bool:
        """Whether it is a sum: by its first word, and by something required that is empty (unless `totals`)."""
        if not _TOTAL.fullmatch(fold(_first_text(cells))):
            return False
        return self._totals or self._filled(cells) < len(self._required)

    def _is_sparse(self, cells: Sequence[Cell]) -> bool:
        """Whether at most half of the required columns hold anything."""
        return 2 * self._filled(cells) <= len(self._required)

    def _filled(self, cells: Sequence[Cell]) -> int:
        width = len(cells)
        return sum(index < width and cells[index] != "" for index in self._required)

    def _starts_footer(self, cells: Sequence[Cell]) -> bool:
        return _FOOTER.match(_first_text(cells).strip()) is not None


def _first_text(cells: Sequence[Cell]) -> str:
    first = next((cell for cell in cells if cell != ""), "")
    return first if isinstance(first, str) else ""
