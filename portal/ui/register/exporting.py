"""What is filtered, as a workbook: at once when it is small, by the worker when it is large. Every export is audited."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import get_resolver, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import Role
from portal.jobs.services import Run, job_kind, start_job
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.ui.pages import PageRequest, perform
from portal.ui.register import workbook
from portal.ui.register.keyset import Order
from portal.ui.register.listing import Listing
from portal.ui.register.narrowing import narrow

if TYPE_CHECKING:
    from portal.ui.register.columns import Column
    from portal.ui.register.declaration import Register

M = TypeVar("M", bound=Model)

# Up to here a request makes the workbook itself: well under a second.
AT_ONCE = 2_000


@operation("ui.export", gettext_lazy("导出台账"), roles=list(Role))
def note_export(act: Act, subject: None, *, title: str, query: str, rows: int) -> int:
    """Put into the audit who took which rows out. Returns how many."""
    act.after |= {"register": title, "filter": query, "rows": rows}
    return rows


def export(register: Register[M], request: PageRequest) -> HttpResponseBase:
    """Answer with the workbook of what is filtered, in the visible columns, or start the job that makes it."""
    listing = Listing(register, request)
    total = listing.matching.order_by().count()
    query = request.GET.urlencode()
    if perform(request, note_export, None, title=str(register.title), query=query, rows=total) is None:
        return HttpResponseRedirect(request.get_full_path())
    if total > AT_ONCE:
        return _start(register, request, listing.columns, query)
    rows = listing.order.apply(narrow(listing.matching, register, listing.columns, listing.order))
    file = workbook.write(register, listing.columns, rows.iterator(chunk_size=AT_ONCE))
    response = FileResponse(file, content_type=workbook.CONTENT_TYPE)
    response.headers["Content-Disposition"] = workbook.disposition(str(register.title))
    return response


def _start(
    register: Register[M], request: PageRequest, columns: Sequence[Column], query: str
) -> HttpResponse:
    start_job(
        request.actor,
        "ui.export",
        title=_("导出%(title)s") % {"title": register.title},
        register=register.code,
        query=query,
        columns=[column.key for column in columns],
    )
    words = _("记录较多，正在后台生成 Excel 文件。可以离开本页，完成后在“我的任务”中下载。")
    messages.info(request, words)
    return HttpResponseRedirect(request.get_full_path())


@job_kind("ui.export", gettext_lazy("导出台账"))
def export_in_background(run: Run) -> str:
    """Make the workbook of a large list; run again, it makes the same file anew. Returns where it is downloaded."""
    wanted = run.job.parameters
    register, query = _register(wanted["register"]), QueryDict(wanted["query"])
    matching = register.matching(run.actor, query, cast("HttpRequest", SimpleNamespace(actor=run.actor)))
    columns = [column for column in register.columns if column.key in wanted["columns"]]
    order = Order.of(matching, register.order_of(query))
    rows: QuerySet[Any] = order.apply(narrow(matching, register, columns, order))
    workbook.store(run, register, columns, rows)
    return reverse("ui:export", args=[run.job.pk])


def _register(code: str) -> Register[Any]:
    """The declared list. The worker has not imported the pages yet, and lists are declared beside them."""
    from portal.ui.register.declaration import registers

    _loaded = get_resolver().url_patterns
    return next(each for each in registers() if each.code == code)
