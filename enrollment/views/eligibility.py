"""The reviewers' queue: people with what the rules say at the left, one of them at the right, decided one after another."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enrollment.forms.nominations import DecisionForm
from enrollment.models import Nomination
from enrollment.queries.nominations import waiting_people
from enrollment.tables.nominations import WAITING, complaints_of
from enrollment.views.nominations import facts_of
from portal.accounts.roles import STAFF
from portal.reviews.models import Review, Verdict
from portal.reviews.queries import course
from portal.reviews.services import decide
from portal.rulebook.findings import Finding
from portal.ui.pages import PageRequest, page, perform
from portal.ui.register.listing import Listing


@page(roles=STAFF)
def queue(request: PageRequest) -> HttpResponseBase:
    """What waits for the actor, filtered; `at` names the person shown. A POST is a bulk act of the list."""
    if WAITING.handles(request):
        return WAITING.respond(request)
    listing = Listing(WAITING, request)
    listing.sets = []  # the queue shows people, not columns to choose from
    rows = listing.window.rows
    current = _current(request, rows)
    context = {
        "title": WAITING.title,
        "register": WAITING,
        "listing": listing,
        "people": [(each, complaints_of(each)) for each in rows],
        "current": current,
        "query": _query(request),
        **(_shown(request, current, rows) if current else {}),
    }
    return render(request, "enrollment/eligibility/queue.html", context)


@page(roles=STAFF)
@require_POST
def decide_one(request: PageRequest, pk: int) -> HttpResponse:
    """Decide the present step of one nomination and go to the next person."""
    kind = ContentType.objects.get_for_model(Nomination)
    rows = Review.objects.visible_to(request.actor).filter(subject_type=kind, subject_id=pk)
    review = rows.select_related("chain__rulebook", "step", "reviewer").order_by("-pk").first()
    if review is None:
        raise Http404
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("审核意见没有提交：请选择结论，意见不超过500字。"))
        return _to(request, str(pk))
    if perform(request, decide, review, **form.decision) is None:
        return _to(request, str(pk))
    words = {"title": review.title, "verdict": Verdict(form.decision["verdict"]).label}
    messages.success(request, _("%(title)s：%(verdict)s。推荐单位已收到通知。") % words)
    return _to(request, request.POST.get("next", ""))


def _current(request: PageRequest, rows: Sequence[Nomination]) -> Nomination | None:
    """The person asked for, wherever in the queue they stand; the first of the list otherwise."""
    asked = request.GET.get("at", "")
    wanted = int(asked) if asked.isdecimal() and len(asked) < 19 else (rows[0].pk if rows else 0)
    found = waiting_people(request.actor)
    return found.filter(pk=wanted).first() or (found.filter(pk=rows[0].pk).first() if rows else None)


def _shown(request: PageRequest, current: Nomination, rows: Sequence[Nomination]) -> dict[str, object]:
    review, entries = course(current)
    keys = [each.pk for each in rows]
    place = keys.index(current.pk) if current.pk in keys else -1
    return {
        "review": review,
        "facts": facts_of(current),
        "findings": [Finding.from_json(each) for each in current.findings],
        "entries": entries,
        "form": DecisionForm(initial={"version": review.version if review else 0}),
        "next_key": keys[place + 1] if place + 1 < len(keys) else "",
        "previous_key": keys[place - 1] if place > 0 else "",
    }


def _query(request: PageRequest) -> str:
    """The filters and the place in the list, without the person shown."""
    query = request.GET.copy()
    query.pop("at", None)
    return query.urlencode()


def _to(request: PageRequest, key: str) -> HttpResponse:
    query = request.GET.copy()
    query.pop("at", None)
    if key.isdecimal():
        query["at"] = key
    return redirect(f"{reverse('enrollment:eligibility')}?{query.urlencode()}")
