"""What a list declares, and its one answer to a request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from portal.ui.register import bulk
from portal.ui.register.bulk import BulkAction
from portal.ui.register.columns import Column

if TYPE_CHECKING:
    from django_filters import FilterSet

    from portal.errors import Text
    from portal.operations.actor import Actor
    from portal.ui.pages import PageRequest

M = TypeVar("M", bound=Model)
Search = Callable[[QuerySet[Any], str], QuerySet[Any]]

_registers: dict[str, Register[Any]] = {}


@dataclass(frozen=True)
class Register(Generic[M]):
    """A list. `rows(actor)` gives what the actor may see; `search` is lookups or a function `(queryset, text)`.

    `order` is the ORM path it starts in (`-pk`: newest first). `url(row)` opens the record. `empty` says what to do when
    there is nothing. `names` of filters must not be q, sort, after or before.

    `reads`: the fields that `url` and the record's name need. With it the list loads only these and those of its visible
    columns, so each column with a `value` says what that reads. Without it, whole records.
    """

    code: str
    title: Text
    rows: Callable[[Actor], QuerySet[M]]
    columns: Sequence[Column]
    filters: type[FilterSet] | None = None
    search: Sequence[str] | Search = ()
    search_hint: Text = ""
    order: str = "-pk"
    url: Callable[[M], str] | None = None
    actions: Sequence[BulkAction] = ()
    empty: Text = ""
    page_size: int = 50
    exports: bool = True
    template: str = "ui/register.html"
    reads: Sequence[str] | None = None

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        if len(keys) != len(set(keys)):
            raise ValueError(f"register {self.code} has two columns of one key")
        silent = [each.key for each in self.columns if each.value and not each.reads]
        if self.reads is not None and silent:
            raise ValueError(f"register {self.code}: the columns {silent} do not say what they read")
        _registers[self.code] = self

    @property
    def searches(self) -> bool:
        """Whether there is a search: a template that asked for `search` itself would call it."""
        return bool(self.search)

    def action(self, code: str) -> BulkAction | None:
        return next((each for each in self.actions if each.code == code), None)

    def column(self, key: str) -> Column | None:
        return next((each for each in self.columns if each.key == key), None)

    def filterset(
        self, actor: Actor, query: QueryDict, request: HttpRequest | None = None
    ) -> FilterSet | None:
        """The bound filters over what the actor may see. Filters may read `request.actor`."""
        if self.filters is None:
            return None
        return self.filters(query, queryset=self.rows(actor), request=request)

    def matching(self, actor: Actor, query: QueryDict, request: HttpRequest | None = None) -> QuerySet[M]:
        """What the filters and the search leave."""
        return self.narrow(actor, self.filterset(actor, query, request), query)

    def narrow(self, actor: Actor, filterset: FilterSet | None, query: QueryDict) -> QuerySet[M]:
        """What `filterset` and the search leave. A filter with a wrong value matches nothing, and says why beside it."""
        if filterset is None:
            return self.find(self.rows(actor), query.get("q", ""))
        return (
            self.find(filterset.qs, query.get("q", "")) if filterset.is_valid() else self.rows(actor).none()
        )

    def find(self, queryset: QuerySet[M], text: str) -> QuerySet[M]:
        """The rows in which every word of `text` is found."""
        words = text.split()
        if not words:
            return queryset
        if callable(self.search):
            return self.search(queryset, text.strip())
        for word in words:
            queryset = queryset.filter(_any(self.search, word))
        return queryset

    def sort_of(self, query: QueryDict) -> str:
        """The sorting column's key that `query` asks for, `-` before it when descending; "" for none that sorts."""
        asked = query.get("sort", "")
        column = self.column(asked.removeprefix("-"))
        return asked if column is not None and column.sort else ""

    def order_of(self, query: QueryDict) -> str:
        """The ORM path the list is in, `-` before it when descending."""
        sort = self.sort_of(query)
        column = self.column(sort.removeprefix("-"))
        return self.order if column is None else ("-" if sort.startswith("-") else "") + column.sort

    def handles(self, request: HttpRequest) -> bool:
        """Whether this POST came from the list's own forms: for pages that hold other forms too."""
        return request.method == "POST" and request.POST.get("register") == self.code

    def respond(self, request: PageRequest, **context: Any) -> HttpResponseBase:
        """Answer: the page, its fragment for htmx, an act on rows, a choice of columns, or the export."""
        from portal.ui.register.listing import Listing

        if request.method == "POST":
            return self._posted(request)
        listing = Listing(self, request)
        whole = not request.htmx or request.htmx.history_restore_request or request.htmx.boosted
        template = self.template if whole else "components/register.html"
        response = render(
            request, template, context | {"register": self, "listing": listing, "title": self.title}
        )
        patch_vary_headers(response, ["HX-Request"])
        return response

    def _posted(self, request: PageRequest) -> HttpResponseBase:
        from portal.ui.register import exporting, layout

        do = request.POST.get("do", "")
        if do.startswith("columns"):
            return layout.choose(self, request, do)
        if do == "export" and self.exports:
            return exporting.export(self, request)
        return bulk.act(self, request, self.matching(request.actor, request.GET, request), do)


def registers() -> list[Register[Any]]:
    """Every declared list, by code."""
    return [_registers[code] for code in sorted(_registers)]


def _any(lookups: Sequence[str], word: str) -> Q:
    found = Q()
    for lookup in lookups:
        found |= Q(**{lookup: word})
    return found
