"""Pages of imports, the same for every kind: upload, preview, receipt, and the list of what was uploaded."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.operations.registry import Operation
from portal.sheets import pages
from portal.sheets.forms import UploadForm
from portal.sheets.imports import ImportKind, find_kind
from portal.sheets.models import ImportBatch
from portal.sheets.services import downloading, uploading
from portal.sheets.tables import BATCHES
from portal.sheets.template import template
from portal.ui.pages import PageRequest, page, perform, submit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ACTS: dict[str, Operation[ImportBatch, [], Any]] = {
    "take": uploading.take,
    "recheck": uploading.recheck,
    "retry": uploading.retry,
    "cancel": uploading.cancel,
    "mark": downloading.mark,
}


@page(roles=uploading.UPLOADERS)
@require_safe
def batches(request: PageRequest) -> HttpResponseBase:
    return BATCHES.respond(request)


@page(roles=uploading.UPLOADERS)
def upload(request: PageRequest, kind: str) -> HttpResponse:
    """The upload form of one kind; what it is for stands in the address's parameters."""
    found, params = _kind(kind), request.GET.dict()
    context = found.prepare(request.actor, params)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        batch = submit(
            request, form, uploading.upload, None, kind=kind, file=form.cleaned_data["file"], params=params
        )
        if batch is not None:
            return redirect(batch)
    shown = {
        "title": _("导入%(kind)s") % {"kind": found.label},
        "kind": found,
        "about": found.about(context),
        "columns": found.layout(context).columns,
        "form": form,
        "query": request.GET.urlencode(),
    }
    return render(request, "sheets/upload.html", shown, status=422 if form.is_bound else 200)


@page(roles=uploading.UPLOADERS)
@require_safe
def template_file(request: PageRequest, kind: str) -> HttpResponse:
    """The empty sheet to fill in, its drop-down lists those of this person's organisation."""
    found = _kind(kind)
    context = found.prepare(request.actor, request.GET.dict())
    layout = found.layout(context)
    response = HttpResponse(template(layout, found.choices(context)), content_type=XLSX)
    name = _("%(title)s（模板）.xlsx") % {"title": layout.title}
    return _as_file(response, name)


@page(roles=uploading.UPLOADERS)
@require_safe
def batch(request: PageRequest, number: str) -> HttpResponse:
    """One batch in whatever state it is. While the worker has it, htmx asks for the moving part."""
    found = _batch(request, number)
    context = pages.batch_context(found, request.GET)
    return render(request, "sheets/_batch.html" if request.htmx else "sheets/batch.html", context)


@page(roles=uploading.UPLOADERS)
@require_POST
def act(request: PageRequest, number: str, verb: str) -> HttpResponse:
    """Take, check again, retry, cancel or mark one batch."""
    if verb not in ACTS:
        raise Http404
    found = _batch(request, number)
    perform(request, ACTS[verb], found)
    return redirect(found)


@page(roles=uploading.UPLOADERS)
@require_safe
def file(request: PageRequest, number: str, copy: downloading.Copy) -> FileResponse:
    """The file as uploaded, or with its problems marked."""
    found = _batch(request, number)
    stored = downloading.download(request.actor, found, copy=copy)
    name = found.original_name.removesuffix(".xlsx")
    suffix = _("（问题标注）") if copy == downloading.Copy.MARKED else ""
    response = FileResponse(
        stored.open("rb"), as_attachment=True, filename=f"{name}{suffix}.xlsx", content_type=XLSX
    )
    add_never_cache_headers(response)
    return response


def _kind(code: str) -> ImportKind:
    try:
        return find_kind(code)
    except KeyError as error:
        raise Http404 from error


def _batch(request: PageRequest, number: str) -> ImportBatch:
    rows = ImportBatch.objects.visible_to(request.actor).select_related("job", "uploader", "organization")
    return get_object_or_404(rows, number=number)


def _as_file(response: HttpResponse, name: str) -> HttpResponse:
    from django.utils.http import content_disposition_header

    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    add_never_cache_headers(response)
    return response
