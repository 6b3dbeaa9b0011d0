"""One list as one person sees it now: what the template draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db.models import Model
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.models import ColumnSet
from portal.ui.register import layout
from portal.ui.register.bulk import BulkAction
from portal.ui.register.columns import Column
from portal.ui.register.keyset import Order, Window, window
from portal.ui.register.narrowing import narrow

if TYPE_CHECKING:
    from django_filters import FilterSet

    from portal.ui.pages import PageRequest
    from portal.ui.register.declaration import Register

M = TypeVar("M", bound=Model)

# Counting stops here: beyond it nobody needs the exact figure, and counting a million rows costs more than the page.
COUNTED = 10_000


@dataclass(frozen=True)
class Header:
    """One head cell. `url` sorts by it; `direction` is ascending, descending or ""."""

    column: Column
    url: str
    direction: str


@dataclass(frozen=True)
class Row:
    """One record as it is drawn: a cell for each column. `label` names it where it can be ticked, else ""."""

    pk: Any
    url: str
    label: str
    cells: list[object]


class Listing(Generic[M]):
    """A register bound to a request. Three queries (rows, count, column sets) plus the choices of its filters."""

    def __init__(self, register: Register[M], request: PageRequest) -> None:
        self.register, self.request = register, request
        self.query = request.GET.copy()
        self.text = self.query.get("q", "")
        self.filterset: FilterSet | None = register.filterset(request.actor, request.GET, request)
        self.matching = register.narrow(request.actor, self.filterset, request.GET)

    @cached_property
    def sets(self) -> list[ColumnSet]:
        return list(ColumnSet.objects.visible_to(self.request.actor).filter(register=self.register.code))

    @cached_property
    def columns(self) -> list[Column]:
        return layout.visible(self.register, self.sets)

    @cached_property
    def shown(self) -> set[str]:
        """The keys of the columns that are drawn."""
        return {column.key for column in self.columns}

    @cached_property
    def sort(self) -> str:
        """The column's key by which it is sorted now, `-` before it when descending; "" in the list's own order."""
        return self.register.sort_of(self.query)

    @cached_property
    def order(self) -> Order:
        return Order.of(self.matching, self.register.order_of(self.query))

    @cached_property
    def window(self) -> Window[M]:
        after, before = self.query.get("after", ""), self.query.get("before", "")
        rows = narrow(self.matching, self.register, self.columns, self.order)
        return window(rows, self.order, self.register.page_size, after=after, before=before)

    @cached_property
    def rows(self) -> list[Row]:
        return [self._row(each) for each in self.window.rows]

    def _row(self, record: M) -> Row:
        url = self.register.url(record) if self.register.url else ""
        label = str(record) if self.actions else ""
        return Row(record.pk, url, label, [column.cell(record) for column in self.columns])

    @cached_property
    def count(self) -> int:
        """How many match, counted up to COUNTED + 1; the database is asked where they do not fit on one page."""
        if not self.window.before and not self.window.after:
            return len(self.window.rows)
        return self.matching.order_by()[: COUNTED + 1].count()

    @property
    def count_label(self) -> str:
        if self.count > COUNTED:
            return _("超过%(count)s条") % {"count": formats.number(COUNTED)}
        return _("共%(count)s条") % {"count": formats.number(self.count)}

    @cached_property
    def headers(self) -> list[Header]:
        return [self._header(column) for column in self.columns]

    def _header(self, column: Column) -> Header:
        up, down = self.sort == column.key, self.sort == f"-{column.key}"
        url = self.address(sort=f"-{column.key}" if up else column.key) if column.sort else ""
        return Header(column, url, "ascending" if up else "descending" if down else "")

    @property
    def previous_url(self) -> str:
        return self.address(before=self.window.before) if self.window.before else ""

    @property
    def next_url(self) -> str:
        return self.address(after=self.window.after) if self.window.after else ""

    @property
    def narrowed(self) -> bool:
        """Whether a search or filter is at work."""
        return any(value for key, value in self.query.items() if key not in {"sort", "after", "before"})

    @cached_property
    def actions(self) -> list[BulkAction]:
        return [each for each in self.register.actions if each.is_for(self.request.actor)]

    @property
    def here(self) -> str:
        """The list's address with its filters and sort, without the place: where its forms go."""
        return self.address()

    def address(self, **changes: str) -> str:
        """The list's address with `changes`; a page's place never survives a change."""
        query: QueryDict = self.query.copy()
        for key in ("after", "before"):
            query.pop(key, None)
        for key, value in changes.items():
            query[key] = value
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path
