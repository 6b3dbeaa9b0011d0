"""The demo's clock: where it stands, and moving it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import clock
from portal.accounts.roles import Role
from portal.rulebook import calendar
from portal.rulebook.forms import ClockForm
from portal.rulebook.models import Phase
from portal.rulebook.services.clock import move_clock
from portal.ui import formats
from portal.ui.pages import PageRequest, page, submit


@page(roles=[Role.SYSTEM_ADMIN])
def demo_clock(request: PageRequest) -> HttpResponse:
    """Only a demo has this page."""
    if not settings.DEMO:
        raise Http404
    form = ClockForm(request.POST or None, initial={"to": clock.now()})
    if form.is_bound and form.is_valid():
        moved = submit(request, form, move_clock, None, to=form.cleaned_data["to"])
        if moved is not None:
            messages.success(request, _("演示时间已调至%(now)s。") % {"now": formats.moment(moved)})
            return HttpResponseRedirect(reverse("rulebook:clock"))
    phases = Phase.objects.visible_to(request.actor)
    context = {
        "title": _("演示时间"),
        "form": form,
        "now": clock.now(),
        "moments": calendar.quick_moments(phases),
    }
    return render(request, "rulebook/clock.html", context, status=422 if form.errors else 200)
