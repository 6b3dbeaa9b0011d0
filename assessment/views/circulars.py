"""Pages of circulars: what inspections found, sent to the organisations chosen."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assessment.forms.inspections import CircularForm
from assessment.models import Circular
from assessment.models.inspection import PLANNERS
from assessment.papers.inspections import print_circular
from assessment.services.circulating import READERS, circulate, read_circular
from assessment.tables.inspections import CIRCULARS
from portal.errors import DomainError
from portal.rulebook.citing import cites
from portal.ui.pages import PageRequest, page, perform, refuse, submit
from programs.models import Program


@page(roles=READERS)
def circular_list(request: PageRequest) -> HttpResponseBase:
    """The circulars one sees."""
    return CIRCULARS.respond(request)


@page(roles=PLANNERS)
@cites("CQ20-6.4")
def create(request: PageRequest, pk: int) -> HttpResponse:
    """Circulate results of the programme `pk`."""
    rows = Program.objects.visible_to(request.actor).select_related("rulebook", "office__parent")
    program = get_object_or_404(rows, pk=pk)
    initial = {"title": _("%(program)s视导情况通报") % {"program": program.name}}
    form = CircularForm(program, request.POST or None, initial=initial)
    if form.is_valid():
        made = submit(request, form, circulate, program, **form.cleaned_data)
        if made:
            messages.success(request, _("通报已发布，接收单位将收到消息。"))
            return redirect("assessment:circular", made.pk)
    context = {"title": _("发布视导通报"), "form": form, "program": program}
    return render(request, "assessment/plan.html", context, status=422 if form.errors else 200)


@page(roles=READERS)
@cites("CQ20-6.4")
def circular(request: PageRequest, pk: int) -> HttpResponse:
    """One circular; the first time somebody of a receiver opens it, that is noted."""
    found = get_object_or_404(Circular.objects.visible_to(request.actor).select_related("program"), pk=pk)
    unread = found.copies.filter(organization=request.actor.organization, read_at=None)
    if unread.exists():
        perform(request, read_circular, found)
    context = {
        "title": found.title,
        "record": found,
        "inspections": found.inspections.select_related("project", "base").order_by("-score", "pk"),
        "copies": found.copies.select_related("organization") if request.actor.role in PLANNERS else [],
    }
    return render(request, "assessment/circular.html", context)


@page(roles=READERS)
@require_POST
def print_one(request: PageRequest, pk: int) -> HttpResponse:
    """The circular as a PDF."""
    found = get_object_or_404(Circular.objects.visible_to(request.actor), pk=pk)
    try:
        return redirect(print_circular(request.actor, found))
    except DomainError as refused:
        refuse(request, refused)
        return redirect("assessment:circular", pk)
