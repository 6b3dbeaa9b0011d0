"""Pages of print runs, and the public page that says what a code stands for."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.text import get_valid_filename
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.client import client_ip
from portal.jobs import services as jobs
from portal.papers.models import IssuedPaper, PaperBatch
from portal.papers.progress import progress_of
from portal.papers.services.downloading import download_batch, download_paper
from portal.papers.services.starting import PRINTERS
from portal.papers.services.verification import TooMany, count_lookup, look_up
from portal.papers.tables import BATCHES
from portal.ui.pages import PageRequest, page


@require_safe
def verify(request: HttpRequest, code: str = "") -> HttpResponse:
    """What a paper's code stands for. Open to everybody; known and unknown codes are answered alike."""
    asked = code or request.GET.get("code", "")
    context: dict[str, Any] = {"asked": asked}
    status = HTTPStatus.OK
    if asked:
        try:
            count_lookup(client_ip(request) or "")
            context["paper"] = look_up(asked)
        except TooMany as refused:
            context["refused"], status = refused, refused.status
    response = render(request, "papers/verify.html", context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    add_never_cache_headers(response)
    return response


@page(roles=PRINTERS)
def batch_list(request: PageRequest) -> HttpResponseBase:
    """The register of print runs."""
    return BATCHES.respond(request)


@page
@require_safe
def batch(request: PageRequest, pk: int) -> HttpResponse:
    """A print run: how far it is, then its file. htmx asks for the moving part alone."""
    found = get_object_or_404(
        PaperBatch.objects.visible_to(request.actor).select_related("job", "owner"), pk=pk
    )
    context = {
        "batch": found,
        "progress": progress_of(found, timezone.now()),
        "mine": found.owner == request.user,
    }
    template = "papers/batch_body.html" if request.htmx else "papers/batch.html"
    return render(request, template, context)


@page
@require_POST
def cancel(request: PageRequest, pk: int) -> HttpResponse:
    """Stop one's own run after the chunk being printed."""
    found = get_object_or_404(PaperBatch.objects.select_related("job"), pk=pk, owner=request.user)
    if found.job is not None:
        jobs.cancel(request.actor, found.job)
    return redirect(found)


@page
@require_safe
def batch_file(request: PageRequest, pk: int) -> FileResponse:
    found = get_object_or_404(PaperBatch.objects.visible_to(request.actor), pk=pk)
    path = download_batch(request.actor, found)
    name = f"{get_valid_filename(found.title)}{path.suffix}"
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name)
    add_never_cache_headers(response)
    return response


@page
@require_safe
def paper_file(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(IssuedPaper.objects.visible_to(request.actor), pk=pk)
    response = HttpResponse(download_paper(request.actor, found), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{found.code}.pdf"'
    add_never_cache_headers(response)
    return response
