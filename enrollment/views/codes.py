"""Pages of issuing registration codes. Source: CQ20-3.3."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enrollment import (
    jobs,
)
from enrollment.code_files import CARDS, KEPT_SECONDS, LIST
from enrollment.models import Enrollment
from enrollment.queries import registration as queries_registration
from enrollment.services import codes
from enrollment.views.enrollments import find_enrollment
from portal.errors import DomainError
from portal.jobs.models import Job
from portal.ui.pages import PageRequest, page, perform, refuse
from programs.models import TrainingClass
from programs.plugs.projects import current_program

FILES = {"cards": CARDS, "list": LIST}


@page(roles=codes.ISSUERS)
def issuing(request: PageRequest) -> HttpResponse:
    """Who still waits for a code, school by school; a POST issues to one school or to all."""
    rows = Enrollment.objects.visible_to(request.actor)
    if request.method == "POST":
        school = request.POST.get("school", "")
        chosen = rows.filter(school=int(school)) if school.isdigit() else rows
        answer = _start(request, chosen)
        if answer:
            return answer
    program = current_program(request)
    context = {
        "title": _("发放学员验证码"),
        "schools": queries_registration.codes_by_school(rows),
        "phase": program.rulebook.phase(codes.PHASE) if program else None,
    }
    return render(request, "enrollment/codes.html", context)


@page(roles=codes.ISSUERS)
@require_POST
def issue_one(request: PageRequest, pk: int) -> HttpResponse:
    """Issue a code to one trainee, or another in its place."""
    found = find_enrollment(request, pk)
    answer = _start(request, Enrollment.objects.filter(pk=found.pk))
    return answer or redirect("enrollment:enrollment", pk)


@page(roles=codes.ISSUERS)
@require_safe
def issued(request: PageRequest, pk: int) -> HttpResponse:
    """The cards and the list that a job has made."""
    job = _job(request, pk)
    context = {
        "title": job.title,
        "job": job,
        "count": job.result.get("issued", 0),
        "until": job.finished_at + timedelta(seconds=KEPT_SECONDS) if job.finished_at else None,
    }
    return render(request, "enrollment/codes_issued.html", context)


@page(roles=codes.ISSUERS)
@require_safe
def issued_file(request: PageRequest, pk: int, which: str) -> FileResponse:
    """The cards (PDF) or the list (xlsx)."""
    path = jobs.download_codes(request.actor, None, job=_job(request, pk), file=FILES.get(which, ""))
    name = _("学员验证码") + f"-{pk}{path.suffix}"
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name)
    add_never_cache_headers(response)
    return response


@page
@require_POST
def issue_class_code(request: PageRequest, pk: int) -> HttpResponse:
    """Give a class its one code, or another in its place."""
    rows = TrainingClass.objects.visible_to(request.actor).select_related(
        "base", "project__program__rulebook", "project__program__office__parent"
    )
    if perform(request, codes.issue_class_code, get_object_or_404(rows, pk=pk)):
        messages.success(request, _("班级验证码已发放，随附件1导出；以前的班级验证码已作废。"))
    return redirect("programs:class", pk)


def _start(request: PageRequest, rows: object) -> HttpResponse | None:
    try:
        job = jobs.ask_for_codes(request.actor, rows, title=_("发放学员验证码"))  # type: ignore[arg-type]
    except DomainError as refused:
        refuse(request, refused)
        return None
    return redirect("jobs:detail", job.pk)


def _job(request: PageRequest, pk: int) -> Job:
    return get_object_or_404(Job.objects.visible_to(request.actor), pk=pk, kind=jobs.JOB)
