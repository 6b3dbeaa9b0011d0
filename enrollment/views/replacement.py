"""Pages of replacing a trainee: choosing who comes instead, or nobody. Source: CQ20-3.4."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enrollment.forms.registration import ReasonForm
from enrollment.models import Enrollment, EnrollmentState, Nomination
from enrollment.picking import colleagues
from enrollment.services import replacement, substitutes
from enrollment.services.nominations import NOMINATORS
from enrollment.views.enrollments import ask, find_enrollment
from portal import clock
from portal.errors import DomainError
from portal.people.models import Teacher
from portal.ui.pages import PageRequest, page, perform, refuse, submit


@page(roles=NOMINATORS)
def replace(request: PageRequest, pk: int) -> HttpResponse:
    """Choose a colleague of the same subject, each shown with what the rules say of them."""
    found = find_enrollment(request, pk)
    again = found.state == EnrollmentState.REPLACED
    verb = substitutes.send_another if again else replacement.replace
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        person = Teacher.objects.visible_to(request.actor).filter(pk=_number(request)).first()
        if person is None:
            form.add_error(None, _("请选择替换学员。"))
        elif submit(request, form, verb, found, substitute=person, **form.cleaned_data):
            messages.success(request, _("替换学员已报送资格审核，名额和班级位置为其保留。"))
            return redirect("enrollment:enrollment", pk)
    return _page(request, found, form, again=again)


@page(roles=NOMINATORS)
def give_up(request: PageRequest, pk: int) -> HttpResponse:
    """Send nobody instead; the seat goes back."""
    found = find_enrollment(request, pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and submit(request, form, substitutes.give_up_seat, found, **form.cleaned_data):
        messages.success(request, _("已放弃，名额已收回本单位。"))
        return redirect("enrollment:enrollment", pk)
    words = _("放弃后，为替换学员保留的名额和班级位置立即收回，不能恢复。")
    return ask(request, form, found, _("放弃替换名额"), words)


@page(roles=NOMINATORS)
@require_POST
def resubmit(request: PageRequest, pk: int) -> HttpResponse:
    """Send a returned substitute again."""
    rows = Nomination.objects.visible_to(request.actor).select_related(
        "teacher__school",
        "organization",
        "school",
        "quota__organization",
        "substitute_for__teacher",
        "substitute_for__organization",
        "project__audience",
        "project__program__rulebook",
        "program__rulebook",
        "training_class",
    )
    found = get_object_or_404(rows, pk=pk)
    if perform(request, substitutes.resubmit_substitute, found):
        messages.success(request, _("已重新报送。"))
    return redirect("enrollment:nomination", pk)


def _page(request: PageRequest, found: Enrollment, form: ReasonForm, *, again: bool) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    try:
        people = colleagues(found, clock.today(), text)
    except DomainError as refused:
        refuse(request, refused)
        people = []
    context = {
        "title": _("另派替换学员") if again else _("更换学员"),
        "record": found,
        "people": people,
        "text": text,
        "chosen": _number(request),
        "form": form,
        "refused_now": (substitutes.send_another if again else replacement.replace).refusal(
            request.actor, found
        ),
    }
    return render(request, "enrollment/replace.html", context, status=422 if form.errors else 200)


def _number(request: PageRequest) -> int:
    given = request.POST.get("substitute", "")
    return int(given) if given.isdigit() else 0
