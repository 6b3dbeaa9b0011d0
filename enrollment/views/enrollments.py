"""Pages of enrolments: the registers, one record, confirming, sending back, placing."""

from __future__ import annotations

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enrollment.forms.registration import PlaceForm, ReasonForm
from enrollment.models import Enrollment
from enrollment.services import placing, registration
from enrollment.services.registration import Confirmation
from enrollment.services.substitutes import FAILED
from enrollment.steps import progress_of
from enrollment.tables.registration import CONFIRMATIONS, ENROLLMENTS
from portal import clock
from portal.accounts.roles import OFFICE, Role
from portal.operations.history import history_of
from portal.rulebook.findings import Finding
from portal.ui.pages import PageRequest, page, perform, submit

SEERS = (
    *OFFICE,
    Role.PROVINCIAL_OFFICER,
    Role.BUREAU_CLERK,
    Role.BUREAU_APPROVER,
    Role.SCHOOL_ADMIN,
    Role.COLLEGE_ADMIN,
    Role.BASE_ADMIN,
    Role.CLASS_TEACHER,
)


@page(roles=SEERS)
def enrollment_list(request: PageRequest) -> HttpResponseBase:
    """The register of enrolments."""
    return ENROLLMENTS.respond(request)


@page(roles=(Role.BASE_ADMIN, *OFFICE))
def confirmations(request: PageRequest) -> HttpResponseBase:
    """What waits for one's confirmation."""
    return CONFIRMATIONS.respond(request)


@page(roles=SEERS)
def enrollment(request: PageRequest, pk: int) -> HttpResponse:
    """One enrolment: its steps, its replacement, its codes, what may be done now."""
    found = find_enrollment(request, pk)
    progress = progress_of(found)
    replacement = getattr(found, "replacement", None)
    context = {
        "title": found.teacher.name,
        "record": found,
        "progress": progress,
        "next_step": progress.next_step,
        "holder": progress.holder,
        "due_at": progress.due_at,
        "facts": _facts(found),
        "codes": found.codes.order_by("-pk")[:5],
        "now": clock.now(),
        "replacement": replacement,
        "came_for": found.nomination.substitute_for,
        "may_send_another": replacement and replacement.substitute.state in FAILED,
        "findings": [Finding.from_json(each) for each in found.nomination.findings],
        "entries": history_of(found),
    }
    return render(request, "enrollment/enrollment.html", context)


@page
@require_POST
def confirm(request: PageRequest, pk: int) -> HttpResponse:
    """Confirm one registration, as the base or as the office."""
    found = find_enrollment(request, pk)
    chosen = Confirmation(Enrollment.objects.filter(pk=found.pk), request.actor)
    verb = (
        registration.confirm_by_base
        if request.actor.has_role(Role.BASE_ADMIN)
        else registration.confirm_by_office
    )
    if perform(request, verb, chosen):
        messages.success(request, _("已确认。"))
    return redirect("enrollment:enrollment", pk)


@page
def send_back(request: PageRequest, pk: int) -> HttpResponse:
    """Send a registration back to the trainee."""
    found = find_enrollment(request, pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and submit(request, form, registration.send_back, found, **form.cleaned_data):
        messages.success(request, _("已退回，学员会收到消息，补充后重新提交。"))
        return redirect("enrollment:enrollment", pk)
    return ask(request, form, found, _("退回报名"))


@page
def place(request: PageRequest, pk: int) -> HttpResponse:
    """Put the trainee into a class."""
    found = find_enrollment(request, pk)
    form = PlaceForm(found, request.POST or None)
    if form.is_valid() and submit(request, form, placing.place, found, **form.cleaned_data):
        messages.success(request, _("已编入班级。"))
        return redirect("enrollment:enrollment", pk)
    return ask(request, form, found, _("编入班级"))


def ask(request: PageRequest, form: Form, found: Enrollment, title: str, words: str = "") -> HttpResponse:
    """The page of an act that asks for more."""
    context = {"title": title, "form": form, "record": found, "words": words}
    return render(request, "enrollment/ask.html", context, status=422 if form.errors else 200)


def find_enrollment(request: PageRequest, pk: int) -> Enrollment:
    """The enrolment with all that its pages show; 404 for a stranger."""
    rows = Enrollment.objects.visible_to(request.actor).select_related(
        "teacher__user",
        "teacher__school",
        "school",
        "organization",
        "nomination__substitute_for__teacher",
        "nomination__substitute_for__enrollment",
        "training_class__base",
        "project__base",
        "project__audience",
        "project__program__rulebook",
        "project__program__office__parent",
        "school_opinion",
        "replacement__substitute__teacher",
        "replacement__substitute__enrollment",
    )
    return get_object_or_404(rows, pk=pk)


def _facts(found: Enrollment) -> list[tuple[str, object]]:
    teacher = found.teacher
    return [
        (_("身份证件号"), teacher.masked_id),
        (_("手机"), teacher.masked_phone),
        (_("工作单位"), found.school),
        (_("推荐单位"), found.organization),
        (_("任教专业"), teacher.subject),
        (_("职称"), teacher.title),
        (_("项目"), found.project),
        (_("班级"), found.training_class or _("未编班")),
    ]
