"""Pages of programmes."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal import clock
from portal.accounts.roles import Role
from portal.operations.models import AuditEntry
from portal.ui.pages import PageRequest, page, perform, submit
from portal.ui.register.workbook import CONTENT_TYPE
from programs import hooks, queries, sheets
from programs.forms.projects import ReasonForm
from programs.models import Program
from programs.services import classes, closing, programs


@page
def program_list(request: PageRequest) -> HttpResponse:
    """The programmes one takes part in."""
    rows = Program.objects.visible_to(request.actor).select_related("office", "rulebook__notice")
    return render(request, "programs/list.html", {"title": _("年度计划"), "rows": rows})


@page
def program(request: PageRequest, pk: int) -> HttpResponse:
    """One programme: its state, its figures by category, what keeps it from being published."""
    found = _program(request, pk)
    context = {
        "title": found.name,
        "record": found,
        "facts": _facts(found),
        "categories": queries.by_category(found),
        "shortcomings": programs.shortcomings(found) if found.state == "draft" else [],
        "links": [link for each in hooks.program_links for link in each(request.actor, found)],
        "entries": AuditEntry.objects.about(found)[:20],
    }
    return render(request, "programs/program.html", context)


@page
@require_POST
def publish(request: PageRequest, pk: int) -> HttpResponse:
    """Publish the programme."""
    found = _program(request, pk)
    if perform(request, programs.publish_program, found):
        messages.success(request, _("计划已发布，各单位将收到通知；各环节自此按日历开放和截止。"))
    return redirect("programs:program", pk)


@page(roles=[Role.PROGRAM_MANAGER])
def close(request: PageRequest, pk: int) -> HttpResponse:
    """End the programme: what stands in the way, what follows, and why."""
    found = _program(request, pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and submit(request, form, closing.close_program, found, **form.cleaned_data):
        messages.success(request, _("计划已结束，各单位将收到通知。"))
        return redirect("programs:program", pk)
    context = {
        "title": _("结束计划"),
        "program": found,
        "form": form,
        "findings": closing.closing_findings(found, clock.now()),
    }
    return render(request, "programs/close.html", context, status=422 if form.errors else 200)


@page
def unpublished(request: PageRequest, pk: int) -> HttpResponse:
    """Who has not published the classes of which project."""
    found = _program(request, pk)
    rows = queries.without_published_class(found)
    context = {
        "title": _("尚未发布编班排课的项目"),
        "program": found,
        "rows": rows,
        "phase": found.rulebook.phase(classes.PHASE),
    }
    return render(request, "programs/unpublished.html", context)


@page
@require_POST
def remind(request: PageRequest, pk: int) -> HttpResponse:
    """Tell every base that still owes classes."""
    found = _program(request, pk)
    told = sum(
        perform(request, classes.remind_base, each) or 0 for each in queries.without_published_class(found)
    )
    if told:
        messages.success(request, _("已提醒%(count)d人。") % {"count": told})
    return redirect("programs:unpublished", pk)


@page
def export(request: PageRequest, pk: int, annex: str) -> HttpResponseBase:
    """Annex 1 (implementation) or annex 2 (description) as a workbook."""
    found = _program(request, pk)
    file, name = sheets.annexes[annex](found, request.actor)
    return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPE)


def _program(request: PageRequest, pk: int) -> Program:
    rows = Program.objects.visible_to(request.actor).select_related("office__parent", "rulebook__notice")
    return get_object_or_404(rows, pk=pk)


def _facts(program: Program) -> list[tuple[str, object]]:
    return [
        (_("通知"), f"{program.rulebook.notice.number} {program.rulebook.notice.title}"),
        (_("年度"), str(program.year)),
        (_("级别"), program.get_level_display()),
        (_("组织单位"), program.office),
    ]
