"""The desk, the global search, and a person's choices about the frame."""

from __future__ import annotations

from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from portal import clock
from portal.accounts.models import User
from portal.ui import desk, registry, services
from portal.ui.context import LARGE_TYPE_COOKIE
from portal.ui.pages import PageRequest, page

YEAR = 365 * 24 * 3600
PROGRAM_SESSION_KEY = "program_id"
# Shorter texts match too much to help anybody.
SHORTEST_SEARCH = 2


@page
def home(request: PageRequest) -> HttpResponse:
    """The desk: what waits for this person, the calendar, the numbers."""
    now = clock.now()
    context = {
        "items": desk.waiting(request.actor, now),
        "strip": desk.strip(request, now),
        "numbers": desk.figures(request.actor, now),
        "now": now,
    }
    return render(request, "ui/home.html", context)


@page
def search(request: PageRequest) -> HttpResponse:
    """Everything that the words find among what this person may see, grouped by what it is."""
    text = request.GET.get("q", "").strip()
    hits = (
        [hit for provider in registry.search for hit in provider(request.actor, text)]
        if len(text) >= SHORTEST_SEARCH
        else []
    )
    groups = [(kind, list(found)) for kind, found in groupby(hits, key=lambda hit: str(hit.kind))]
    return render(
        request, "ui/search.html", {"search_text": text, "groups": groups, "shortest": SHORTEST_SEARCH}
    )


@require_POST
def large_type(request: HttpRequest) -> HttpResponseBase:
    """长者版 on or off: remembered in this browser, and for a signed-in person everywhere."""
    on = request.POST.get("on") == "1"
    if isinstance(request.user, User):
        services.choose_large_type(request.user, on)
    response = HttpResponseRedirect(_next(request))
    value, secure = "1" if on else "0", request.is_secure()
    response.set_cookie(LARGE_TYPE_COOKIE, value, YEAR, httponly=True, samesite="Lax", secure=secure)
    return response


@require_POST
@page
def program(request: PageRequest) -> HttpResponseBase:
    """Work in another programme: its key goes into the session, where apps look for it."""
    asked = request.POST.get("program", "")
    choices = {str(choice.pk): choice.pk for provider in registry.programs for choice in provider(request)}
    if asked not in choices:
        raise Http404
    request.session[PROGRAM_SESSION_KEY] = choices[asked]
    return HttpResponseRedirect(_next(request))


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if ours else "/"
