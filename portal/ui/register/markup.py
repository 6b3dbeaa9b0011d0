"""The body of a list's table. Fifty rows of ten cells are too many for the template language, or `format_html`, to loop over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.ui.formats import escaped

if TYPE_CHECKING:
    from portal.ui.register.columns import Column
    from portal.ui.register.listing import Row

_TICK = '<td class="tick" role="cell"><input class="form-check-input" type="checkbox" name="pk" value="{}" aria-label="{}"></td>'


def body(rows: Iterable[Row], columns: Sequence[Column], *, selectable: bool) -> SafeString:
    """The `<tr>` of each row; its first cell leads to the record.

    What is the same in every row is escaped once, each value on its own: nothing else goes into the text.
    """
    heads = [_head(column) for column in columns]
    tick = _("勾选%(label)s") if selectable else ""
    return mark_safe("\n".join(_row(row, heads, tick) for row in rows))  # noqa: S308 - every part is escaped


def _head(column: Column) -> str:
    css = ' class="num"' if column.is_numeric else ""
    return f'<td role="cell" data-label="{escaped(column.title)}"{css}>'


def _row(row: Row, heads: Sequence[str], tick: str) -> str:
    href = escaped(row.url)
    cells = [f"{head}{escaped(cell)}</td>" for head, cell in zip(heads, row.cells, strict=True)]
    if href and cells:
        cells[0] = f'{heads[0]}<a class="row-link" href="{href}">{escaped(row.cells[0])}</a></td>'
    ticked = _TICK.format(escaped(row.pk), escaped(tick % {"label": row.label})) if tick else ""
    opens = f'<tr role="row" data-href="{href}">' if href else '<tr role="row">'
    return f"{opens}{ticked}{''.join(cells)}</tr>"
