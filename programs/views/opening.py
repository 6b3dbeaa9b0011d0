"""Opening, finishing and reopening a class."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.ui.pages import PageRequest, page, perform, submit
from programs.forms.projects import ReasonForm
from programs.services import opening
from programs.views.classes import shown_class


@page
@require_POST
def open_class(request: PageRequest, pk: int) -> HttpResponse:
    """Open the class."""
    if perform(request, opening.open_class, shown_class(request, pk)):
        messages.success(request, _("班级已开班。"))
    return redirect("programs:class", pk)


@page
@require_POST
def finish_class(request: PageRequest, pk: int) -> HttpResponse:
    """Finish the class."""
    if perform(request, opening.finish_class, shown_class(request, pk)):
        messages.success(request, _("班级已结班。请按期报送应交材料。"))
    return redirect("programs:class", pk)


@page
def reopen_class(request: PageRequest, pk: int) -> HttpResponse:
    """Take a finished class back to open, with the reason."""
    found = shown_class(request, pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and submit(
        request, form, opening.reopen_class, found, reason=form.cleaned_data["reason"]
    ):
        messages.success(request, _("已重新开放，基地可以更正。"))
        return redirect("programs:class", pk)
    context = {"title": _("重新开放班级"), "form": form, "training_class": found, "version": 0}
    return render(request, "programs/class_form.html", context, status=422 if form.errors else 200)
