"""The generic review pages: the list, one review with its history and decision, delegation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.reviews.forms import DecisionForm, DelegationForm, decision_form
from portal.reviews.handlers import handler_of
from portal.reviews.models import Review, ReviewQuerySet
from portal.reviews.queries import history
from portal.reviews.services import decide, delegate, take_back
from portal.reviews.tables import REVIEWS, badge_of
from portal.ui.pages import PageRequest, page, perform, refuse, submit


@page
def review_list(request: PageRequest) -> HttpResponseBase:
    return REVIEWS.respond(request)


@page
def detail(request: PageRequest, pk: int) -> HttpResponse:
    """Show the review; a POST decides its present step."""
    review = get_object_or_404(_visible(request), pk=pk)
    form = DecisionForm(request.POST) if request.method == "POST" else decision_form(review)
    if form.is_bound and form.is_valid():
        decided = submit(request, form, decide, review, **form.cleaned_data)
        if decided is not None:
            messages.success(request, _("审核意见已提交，报送单位会收到通知。"))
            return HttpResponseRedirect(reverse("reviews:detail", args=[pk]))
        review = get_object_or_404(_visible(request), pk=pk)
        if not _may_decide(request, review):
            # The form is gone from the page, and with it the place where it shows what was refused.
            refuse(request, request.refused)
    return render(request, "reviews/review.html", _context(request, review, form), status=_status(form))


@page
def delegation(request: PageRequest, pk: int) -> HttpResponse:
    """Ask to whom the present step goes, and hand it over."""
    review = get_object_or_404(_visible(request), pk=pk)
    initial = {"version": review.version}
    form = DelegationForm(request.actor, request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("to", "reason", "version")}
        if submit(request, form, delegate, review, **given) is not None:
            messages.success(request, _("已委托%(name)s审核，对方会收到通知。") % {"name": given["to"]})
            return HttpResponseRedirect(reverse("reviews:detail", args=[pk]))
    context = {"title": _("委托他人审核"), "review": review, "form": form}
    return render(request, "reviews/delegate.html", context, status=_status(form))


@require_POST
@page
def end_delegation(request: PageRequest, pk: int) -> HttpResponse:
    perform(request, take_back, get_object_or_404(_visible(request), pk=pk))
    return HttpResponseRedirect(reverse("reviews:detail", args=[pk]))


def _visible(request: PageRequest) -> ReviewQuerySet:
    rows = Review.objects.visible_to(request.actor)
    return rows.select_related(
        "chain__clause__notice", "chain__rulebook", "step", "reviewer", "origin", "delegate"
    )


def _context(request: PageRequest, review: Review, form: DecisionForm) -> dict[str, Any]:
    clause = review.chain.clause
    facts = [
        (_("报送单位"), review.origin),
        (_("审核链"), review.chain),
        (_("当前步骤"), review.step),
        (_("审核单位"), review.reviewer),
        (_("受托人"), review.delegate),
    ]
    return {
        "title": review.title,
        "badge": badge_of(review),
        "review": review,
        "facts": facts,
        "subject_url": handler_of(review.kind).url(review.subject_id),
        "citation": clause.citation if clause else None,
        "entries": history(review.subject) if review.subject else [],
        "form": form if _may_decide(request, review) else None,
        "next_step": review.step if review.is_open else None,
        "holder": review.reviewer,
        "due_at": review.due_at if review.is_open else None,
    }


def _may_decide(request: PageRequest, review: Review) -> bool:
    return review.is_open and review.held_by(request.actor)


def _status(form: DecisionForm | DelegationForm) -> int:
    return 422 if form.is_bound else 200
