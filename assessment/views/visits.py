"""The inspector's pages, made for a phone: the record, photographs and files."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assessment.forms.inspections import FilesForm, VisitForm
from assessment.models import Inspection, InspectionFile, InspectionState
from assessment.models.inspection import VISITORS
from assessment.services import visiting
from assessment.views.inspections import SEERS
from portal.rulebook.citing import cites
from portal.ui.pages import PageRequest, page, perform, submit


@page(roles=VISITORS)
@cites("CQ20-6.4")
def record(request: PageRequest, pk: int) -> HttpResponse:
    """Fill in the record; with 保存并提交 hand it in."""
    found = _visit(request, pk)
    if found.state != InspectionState.PLANNED:
        return redirect("assessment:inspection", pk)
    items = list(found.rulebook.inspection_items.all())
    form = VisitForm(found, items, request.POST or None)
    if form.is_valid():
        version = int(request.POST.get("version") or 0)
        if submit(request, form, visiting.record_visit, found, version=version, record=form.record()):
            return _after(request, found)
    context = {
        "title": _("视导记录：%(project)s") % {"project": found.project},
        "inspection": found,
        "form": form,
        "files": found.files.all(),
        "files_form": FilesForm(),
    }
    return render(request, "assessment/visit.html", context, status=422 if form.errors else 200)


def _after(request: PageRequest, found: Inspection) -> HttpResponse:
    """Saved; submitted too if that was asked for."""
    if "submit" not in request.POST:
        messages.success(request, _("已保存，可以继续补充。"))
        return redirect("assessment:visit", found.pk)
    if perform(request, visiting.submit_visit, found):
        messages.success(request, _("视导记录已提交，基地可以看到。"))
        return redirect("assessment:inspection", found.pk)
    return redirect("assessment:visit", found.pk)


@page(roles=VISITORS)
@require_POST
def add_files(request: PageRequest, pk: int) -> HttpResponse:
    """Photographs and documents of the visit."""
    files = request.FILES.getlist("files")
    if perform(request, visiting.add_files, _visit(request, pk), files=files):
        messages.success(request, _("已上传%(count)d个附件。") % {"count": len(files)})
    return redirect("assessment:visit", pk)


@page(roles=VISITORS)
@require_POST
def remove_file(request: PageRequest, pk: int) -> HttpResponse:
    """Take a file out of a record that is not submitted."""
    file = _file(request, pk)
    if perform(request, visiting.remove_file, file):
        messages.success(request, _("已删除附件。"))
    return redirect("assessment:visit", file.inspection_id)


@page(roles=SEERS)
def file(request: PageRequest, pk: int) -> HttpResponseBase:
    """One file of a visit, as a download."""
    response = _file(request, pk).response()
    add_never_cache_headers(response)
    return response


def _visit(request: PageRequest, pk: int) -> Inspection:
    """A visit of one's own."""
    rows = Inspection.objects.visible_to(request.actor).filter(inspectors__user=request.actor.user_id)
    return get_object_or_404(rows.select_related("project__program__rulebook", "base"), pk=pk)


def _file(request: PageRequest, pk: int) -> InspectionFile:
    rows = InspectionFile.objects.filter(inspection__in=Inspection.objects.visible_to(request.actor))
    return get_object_or_404(rows.select_related("inspection"), pk=pk)
