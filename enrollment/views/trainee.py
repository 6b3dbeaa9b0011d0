"""A trainee's own pages: where my training stands, what I do next, my form."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enrollment.models import Enrollment
from enrollment.printing import print_form
from enrollment.services.registration import resubmit_registration
from enrollment.steps import progress_of
from enrollment.trainee_links import links_of
from portal import clock
from portal.accounts.roles import Role
from portal.errors import DomainError
from portal.ui.pages import PageRequest, page, perform, refuse


@page(roles=[Role.TRAINEE])
def home(request: PageRequest) -> HttpResponse:
    """My trainings, each with its steps, what is next, whom to ask, and what the other apps have for me."""
    rows = list(_mine(request).order_by("-pk"))
    links = links_of(request.actor, [each.pk for each in rows], clock.now())
    context = {
        "title": _("我的培训"),
        "trainings": [(each, progress_of(each), links.get(each.pk, [])) for each in rows],
    }
    return render(request, "enrollment/trainee.html", context)


@page(roles=[Role.TRAINEE])
@require_POST
def resubmit(request: PageRequest, pk: int) -> HttpResponse:
    """Submit again what was sent back."""
    if perform(request, resubmit_registration, get_object_or_404(_mine(request), pk=pk)):
        messages.success(request, _("已重新提交，等待培训基地确认。"))
    return redirect("enrollment:trainee")


@page(roles=[Role.TRAINEE])
@require_POST
def my_form(request: PageRequest, pk: int) -> HttpResponse:
    """Print my recommendation form."""
    found = get_object_or_404(_mine(request), pk=pk)
    try:
        return redirect(print_form(request.actor, found))
    except DomainError as refused:
        refuse(request, refused)
        return redirect("enrollment:trainee")


def _mine(request: PageRequest) -> QuerySet[Enrollment]:
    return Enrollment.objects.visible_to(request.actor).select_related(
        "teacher__user",
        "school",
        "training_class__notice",
        "project__base",
        "project__program__rulebook",
        "project__program__office__parent",
        "school_opinion",
    )
