"""Pages of nomination sheets (annex 4): list, one sheet with its people and scan, submitting, taking back, export."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from enrollment.forms.nominations import ReasonForm, ScanForm
from enrollment.models import NominationSheet, SheetState
from enrollment.queries import nominations as queries
from enrollment.scans import CONTENT_TYPES
from enrollment.services import sheets
from enrollment.services.exporting import export_nominations, export_nominations_full
from enrollment.services.judging import scan_required
from enrollment.tables.nominations import SHEETS, PurposeForm
from portal.operations.models import AuditEntry
from portal.ui.pages import PageRequest, page, perform, submit
from programs.models import Program


@page
def sheet_list(request: PageRequest) -> HttpResponseBase:
    """The register of sheets, with the way to the template and the import of each open programme."""
    programs = Program.objects.visible_to(request.actor).filter(state="published")
    return SHEETS.respond(request, programs=programs, may_send=request.actor.has_role(*sheets.SENDERS))


@page
def sheet(request: PageRequest, pk: int) -> HttpResponse:
    """One sheet; a POST submits it with the scan."""
    found = _sheet(request, pk)
    form = ScanForm(request.POST, request.FILES) if request.method == "POST" else ScanForm()
    if form.is_valid() and _submitted(request, form, found):
        messages.success(request, _("已报送，等待资格审核。审核结果会以消息通知。"))
        return redirect("enrollment:sheet", pk)
    context = {
        "title": _("推荐汇总表 %(name)s") % {"name": found},
        "record": found,
        "sheet": found,
        "mine": found.organization_id == getattr(request.actor.organization, "pk", None),
        "facts": _facts(found),
        "rows": queries.people_of(found),
        "form": form,
        "scan_required": scan_required(found.rulebook),
        "purpose": PurposeForm(initial={"reason": _("打印盖章")}),
        "entries": AuditEntry.objects.about(found)[:20],
    }
    return render(request, "enrollment/sheets/sheet.html", context, status=422 if form.errors else 200)


@page
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Give up an unsent sheet."""
    found = _sheet(request, pk)
    form = ReasonForm(request.POST or None)
    if (
        form.is_valid()
        and submit(request, form, sheets.withdraw_sheet, found, **form.cleaned_data) is not None
    ):
        messages.success(request, _("已撤回，占用的名额已退还。"))
        return redirect("enrollment:sheet", pk)
    context = {"title": _("撤回推荐汇总表"), "record": found, "form": form}
    return render(request, "enrollment/sheets/withdraw.html", context, status=422 if form.errors else 200)


@page
def export(request: PageRequest, pk: int) -> HttpResponseBase:
    """Annex 4 of the sheet: masked by GET, in full by POST with the purpose."""
    found = _sheet(request, pk)
    rows = found.nominations.all()
    form = PurposeForm(request.POST or None)
    if request.method != "POST":
        file = perform(request, export_nominations, None, nominations=rows)
    elif form.is_valid():
        file = perform(request, export_nominations_full, None, nominations=rows, **form.cleaned_data)
    else:
        messages.error(request, _("请填写用途后再导出。"))
        file = None
    if file is None:
        return redirect("enrollment:sheet", pk)
    response = FileResponse(file, as_attachment=True, filename=_("参训学员推荐汇总表.xlsx"))
    add_never_cache_headers(response)
    return response


@page
def scan(request: PageRequest, pk: int) -> HttpResponseBase:
    """The stamped scan, to look at; each look is audited."""
    found = _sheet(request, pk)
    stored = perform(request, sheets.open_scan, found)
    if stored is None:
        return redirect("enrollment:sheet", pk)
    suffix = stored.name[stored.name.rfind(".") :] if stored.name else ""
    response = FileResponse(
        stored.open("rb"), as_attachment=True, filename=found.scan_name, content_type=CONTENT_TYPES[suffix]
    )
    add_never_cache_headers(response)
    return response


def _submitted(request: PageRequest, form: ScanForm, found: NominationSheet) -> bool:
    file: UploadedFile[bytes] | None = form.cleaned_data["scan"]
    return submit(request, form, sheets.submit_sheet, found, scan=file) is not None


def _sheet(request: PageRequest, pk: int) -> NominationSheet:
    rows = NominationSheet.objects.visible_to(request.actor).select_related(
        "organization", "program__rulebook", "program__office__parent", "created_by", "batch"
    )
    return get_object_or_404(rows, pk=pk)


def _facts(found: NominationSheet) -> list[tuple[str, object]]:
    return [
        (_("填报单位"), found.organization),
        (_("年度计划"), found.program),
        (_("经办人"), found.created_by),
        (_("导入批次"), found.batch or _("逐人选择")),
        (_("盖章扫描件"), found.scan_name or (_("待上传") if found.state == SheetState.DRAFT else "")),
    ]
