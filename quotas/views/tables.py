"""Drawing up and issuing annex 3-1 and 3-2."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.errors import DomainError
from portal.operations.models import AuditEntry
from portal.ui.pages import PageRequest, page, perform, refuse
from portal.ui.register.workbook import CONTENT_TYPE
from programs.models import Program
from programs.views import seen_version
from quotas import queries, sheets
from quotas.models import QuotaTable, TableKind
from quotas.services import tables
from quotas.views.numbers import posted_numbers


@page
def table_list(request: PageRequest, pk: int) -> HttpResponse:
    """The two tables of the programme `pk`."""
    program = _program(request, pk)
    stored = {
        each.kind: each for each in QuotaTable.objects.visible_to(request.actor).filter(program=program)
    }
    rows = [(kind, stored.get(kind.value)) for kind in TableKind]
    return render(
        request, "quotas/tables.html", {"title": _("名额分配表（附件3）"), "program": program, "rows": rows}
    )


@page
@require_POST
def open_table(request: PageRequest, pk: int, kind: str) -> HttpResponse:
    """Begin a table."""
    made = perform(request, tables.open_table, _program(request, pk), kind=TableKind(kind))
    return redirect("quotas:table", made.pk) if made else redirect("quotas:tables", pk)


@page
def table(request: PageRequest, pk: int) -> HttpResponse:
    """The grid; a POST saves what was typed."""
    found = _table(request, pk)
    if request.method == "POST" and _saved(request, found):
        return redirect("quotas:table", pk)
    status = 422 if request.method == "POST" else 200
    context = {
        "title": str(found),
        "table": found,
        "grid": queries.grid(found),
        "typed": request.POST if request.method == "POST" else None,
        "may_edit": tables.edit_cells.refusal(request.actor, found) is None,
        "pending": tables.pending_changes(found)[:50],
        "entries": AuditEntry.objects.about(found)[:20],
    }
    return render(request, "quotas/table.html", context, status=status)


@page
def issue(request: PageRequest, pk: int) -> HttpResponse:
    """What issuing would change, and issuing."""
    found = _table(request, pk)
    if request.method == "POST":
        version = seen_version(request)
        if perform(request, tables.issue_table, found, version=version):
            messages.success(request, _("名额已下达，各单位已收到通知。"))
            return redirect("quotas:table", pk)
    context = {"title": _("下达名额"), "table": found, "pending": tables.pending_changes(found)}
    return render(request, "quotas/issue.html", context)


@page
def export(request: PageRequest, pk: int) -> HttpResponseBase:
    """The table with both margins as a workbook."""
    file, name = sheets.export_table(_table(request, pk))
    return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPE)


def _saved(request: PageRequest, found: QuotaTable) -> bool:
    try:
        numbers = posted_numbers(request.POST)
        grid = {(keys[0], keys[1]): seats for keys, seats in numbers.items() if len(keys) == 2}
        version = seen_version(request)
        reason = request.POST.get("reason", "")
        tables.edit_cells(request.actor, found, version=version, grid=grid, reason=reason)
    except DomainError as refused:
        refuse(request, refused)
        return False
    messages.success(request, _("已保存。下达后各单位才能看到变动。"))
    return True


def _program(request: PageRequest, pk: int) -> Program:
    rows = Program.objects.visible_to(request.actor).select_related("office__parent", "rulebook")
    return get_object_or_404(rows, pk=pk)


def _table(request: PageRequest, pk: int) -> QuotaTable:
    rows = QuotaTable.objects.visible_to(request.actor).select_related(
        "program__office__parent", "program__rulebook"
    )
    return get_object_or_404(rows, pk=pk)
