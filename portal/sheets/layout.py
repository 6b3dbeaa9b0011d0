"""A layout as an app declares it in its `sheets.py`: columns with their kinds, one sheet of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from portal.sheets.kinds import Kind, Text
from portal.text import fold

if TYPE_CHECKING:
    from portal.errors import Text as Words

# In front of the example row's first cell; a row that begins with it is never read.
EXAMPLE_MARK = "【示例】"


@dataclass(frozen=True)
class Column:
    """One column. `aliases` are other titles under which people's own sheets carry it; `width` in characters.

    With `above`, words that stand above the title, both are written upright: for grids of many narrow columns.
    """

    key: str
    title: Words
    kind: Kind = field(default_factory=Text)
    required: bool = False
    width: int = 0
    hint: Words = ""
    aliases: Sequence[str] = ()
    example: str = ""
    above: Words = ""

    @property
    def shown_width(self) -> int:
        return self.width or max(self.kind.default_width, 2 * len(str(self.title)) + 3)


@dataclass(frozen=True)
class Sheet:
    """One layout. `note` are lines of instruction, `sign_off` the lines below the table of the template.

    `who` names the columns by which a person recognises a row in a list of findings. `totals`: a row 合计 is a
    sum even when it is full. The first `frozen` columns stay when one scrolls, and are printed again on every page.
    """

    code: str
    title: Words
    columns: Sequence[Column]
    note: Sequence[Words] = ()
    sign_off: Sequence[Words] = ()
    who: Sequence[str] = ()
    totals: bool = False
    frozen: int = 0

    @cached_property
    def by_key(self) -> dict[str, Column]:
        return {column.key: column for column in self.columns}

    @cached_property
    def names(self) -> list[tuple[Column, list[str]]]:
        """Each column with the keys of its title and of its aliases, in this order (see `portal.text.fold`)."""
        return [(each, [fold(str(name)) for name in (each.title, *each.aliases)]) for each in self.columns]

    @cached_property
    def required(self) -> list[Column]:
        return [column for column in self.columns if column.required]

    def with_columns(self, *columns: Column) -> Self:
        """The same layout with more columns at its end: for grids whose columns are data."""
        return replace(self, columns=(*self.columns, *columns))

    def without(self, *keys: str) -> Self:
        """The same layout with the columns `keys` left out: for exports to people who may not see them."""
        return replace(self, columns=tuple(each for each in self.columns if each.key not in keys))

    def load(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row's values from what was stored of them as JSON; None for a column of which nothing was."""
        values = {key: stored.get(key) for key in self.by_key}
        for key, load in self._loaded:
            values[key] = load(values[key])
        return values

    @cached_property
    def _loaded(self) -> list[tuple[str, Callable[[Any], Any]]]:
        """The columns whose values are not what JSON gives back."""
        return [(each.key, each.kind.load) for each in self.columns if type(each.kind).load is not Kind.load]
