"""What a notice file may hold beyond the rulebook's own parts: sections that the apps plug in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.errors import Text
from portal.rulebook.models import Rulebook


@dataclass(frozen=True)
class Section:
    """One kind of table of a notice file: `[[category]]` there is the section with the key `categories`.

    `load` writes it idempotently, for drafts only; `preview` gives a line for each thing it would make; `editor`
    names the page on which the loaded things are edited, if the app has one: an address with the rulebook's key.
    """

    key: str
    label: Text
    load: Callable[[Rulebook, Any], None]
    preview: Callable[[Any], list[str]]
    order: int
    editor: str = ""

    @property
    def table(self) -> str:
        """The singular of the key: how the file heads each of the tables."""
        return f"{self.key[:-3]}y" if self.key.endswith("ies") else self.key.removesuffix("s")


_sections: dict[str, Section] = {}


def section(
    key: str,
    label: Text,
    *,
    load: Callable[[Rulebook, Any], None],
    preview: Callable[[Any], list[str]],
    order: int = 100,
    editor: str = "",
) -> None:
    """Plug a section in; an app's `notice` room does so."""
    _sections[key] = Section(key, label, load, preview, order, editor)


def sections() -> list[Section]:
    """The plugged sections in loading order."""
    return sorted(_sections.values(), key=lambda each: each.order)
