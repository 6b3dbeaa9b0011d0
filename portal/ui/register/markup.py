"""The body of a list's table. Fifty rows of ten cells are too many for the template language to loop over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from portal.ui.register.listing import Row

_TICK = '<td class="tick" role="cell"><input class="form-check-input" type="checkbox" name="pk" value="{}" aria-label="{}"></td>'


def body(rows: Iterable[Row], *, selectable: bool) -> SafeString:
    """The `<tr>` of each row; its first cell leads to the record."""
    return format_html_join("\n", '<tr role="row"{}>{}{}</tr>', (_parts(row, selectable) for row in rows))


def _parts(row: Row, selectable: bool) -> tuple[SafeString | str, SafeString | str, SafeString]:
    href = format_html(' data-href="{}"', row.url) if row.url else ""
    tick = format_html(_TICK, row.pk, _("勾选%(label)s") % {"label": row.label}) if selectable else ""
    return href, tick, format_html_join("", '<td role="cell" data-label="{}"{}>{}</td>', _cells(row))


def _cells(row: Row) -> Iterable[tuple[object, SafeString, object]]:
    for index, (column, cell) in enumerate(row.cells):
        shown = (
            format_html('<a class="row-link" href="{}">{}</a>', row.url, cell)
            if not index and row.url
            else cell
        )
        yield column.title, _NUM if column.is_numeric else _PLAIN, shown


_NUM, _PLAIN = SafeString(' class="num"'), SafeString("")
