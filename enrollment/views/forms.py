"""Pages of recommendation forms: approving and printing. Source: CQ20-6.3."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enrollment.forms.registration import OpinionForm
from enrollment.printing import print_form
from enrollment.services.forms import approve_form
from enrollment.views.enrollments import ask, find_enrollment
from portal.errors import DomainError
from portal.ui.pages import PageRequest, page, refuse, submit


@page
def approve(request: PageRequest, pk: int) -> HttpResponse:
    """Record the school's opinion."""
    found = find_enrollment(request, pk)
    given = getattr(found, "school_opinion", None)
    words = given.opinion if given else _suggested(found.teacher.name)
    form = OpinionForm(request.POST or None, initial={"opinion": words})
    if form.is_valid() and submit(request, form, approve_form, found, **form.cleaned_data):
        messages.success(request, _("已审核，请打印推荐表并加盖公章。"))
        return redirect("enrollment:enrollment", pk)
    return ask(request, form, found, _("审核推荐表"))


@page
@require_POST
def print_one(request: PageRequest, pk: int) -> HttpResponse:
    """Print one form now."""
    found = find_enrollment(request, pk)
    try:
        return redirect(print_form(request.actor, found))
    except DomainError as refused:
        refuse(request, refused)
        return redirect("enrollment:enrollment", pk)


def _suggested(name: str) -> str:
    return _("%(name)s同志师德良好，符合培训对象条件，情况属实，同意推荐。") % {"name": name}
