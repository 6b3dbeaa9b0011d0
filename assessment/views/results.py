"""Pages of results: the list, a class's, one trainee's, units', the list of the excellent. Source: CQ20-3.6."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assessment.forms.results import CorrectionForm, RepublishForm
from assessment.listing import head_of
from assessment.models import ClassResults, ExcellentCopy, Result
from assessment.papers.results import REPORT, REPORTERS
from assessment.queries import results as queries
from assessment.services import correcting, listing, republishing, results
from assessment.tables.results import RESULTS
from portal.accounts.roles import OFFICE, Role
from portal.errors import DomainError
from portal.operations.models import AuditEntry
from portal.organizations.models import Organization
from portal.papers.services.starting import print_papers
from portal.ui.pages import PageRequest, page, perform, refuse, submit
from programs.models import TrainingClass

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
def result_list(request: PageRequest) -> HttpResponseBase:
    """The register of results."""
    return RESULTS.respond(request)


@page(roles=(*SEERS, Role.TRAINEE))
def result(request: PageRequest, pk: int) -> HttpResponse:
    """One trainee's result: level, hours, certificate, the finished form."""
    found = get_object_or_404(queries.one_result(request.actor), pk=pk)
    context = {
        "title": _("培训结果"),
        "result": found,
        "person": found.enrollment,
        "certificate": standing_certificate(found),
        "opinion": getattr(found.enrollment, "base_opinion", None),
        "may_correct": request.actor.has_role(*OFFICE),
        "writes": request.actor.has_role(Role.BASE_ADMIN),
        "entries": None if request.actor.is_trainee else AuditEntry.objects.about(found)[:20],
    }
    return render(request, "assessment/result.html", context)


@page(roles=SEERS)
def class_results(request: PageRequest, pk: int) -> HttpResponse:
    """A class's results with what is still to be done with them."""
    found = find_class(request, pk)
    runs = found.base == request.actor.organization or request.actor.has_role(*OFFICE)
    made = ClassResults.objects.filter(training_class=found).first()
    rows = list(queries.class_rows(found, request.actor))
    if not runs and not rows:
        raise Http404
    context = {
        "title": _("%(name)s · 培训结果") % {"name": found.name},
        "training_class": found,
        "made": made,
        "rows": [(row, standing_certificate(row)) for row in rows],
        "copies": list(made.copies.select_related("organization")) if made else [],
        "to_certify": sum(row.passed and standing_certificate(row) is None for row in rows),
        "without_opinion": sum(not hasattr(row.enrollment, "base_opinion") for row in rows),
        "owns": request.actor.has_role(Role.BASE_ADMIN) and found.base == request.actor.organization,
        "anew": bool(made) and queries.unpublished([found.base_id]).filter(pk=found.pk).exists(),
    }
    return render(request, "assessment/class_results.html", context)


@page(roles=[Role.BASE_ADMIN])
@require_POST
def publish(request: PageRequest, pk: int) -> HttpResponse:
    """Publish a class's results."""
    if perform(request, results.publish_results, find_class(request, pk)):
        messages.success(request, _("已公布，学员、学校、区县和项目办已收到消息，优秀学员名单已抄送。"))
    return redirect("assessment:class_results", pk)


@page(roles=[Role.BASE_ADMIN])
def republish(request: PageRequest, pk: int) -> HttpResponse:
    """Publish a class's results anew, after its grades were reopened and closed again."""
    found = find_class(request, pk)
    form = RepublishForm(request.POST or None)
    if form.is_valid() and submit(request, form, republishing.republish_results, found, **form.cleaned_data):
        messages.success(request, _("已重新公布，结果有变化的学员和单位已收到消息。"))
        return redirect("assessment:class_results", pk)
    title = _("重新公布培训结果")
    context = {
        "title": title,
        "form": form,
        "label": title,
        "words": _("以重新审定的成绩更新已公布的结果；改为未通过的，其证书同时作废。"),
        "back": reverse("assessment:class_results", args=[pk]),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


@page(roles=OFFICE)
def correct(request: PageRequest, pk: int) -> HttpResponse:
    """Correct one published result, with the reason."""
    found = get_object_or_404(queries.one_result(request.actor), pk=pk)
    form = CorrectionForm(request.POST or None, result=found)
    if form.is_valid() and submit(request, form, correcting.correct_result, found, **form.cleaned_data):
        messages.success(request, _("已更正并通知学员和单位。"))
        return redirect("assessment:result", pk)
    return ask(request, form, _("更正%(name)s的培训结果") % {"name": found.enrollment.teacher.name}, found)


@page(roles=SEERS)
def excellent(request: PageRequest, pk: int) -> HttpResponse:
    """The list of a class's excellent trainees, for those to whom it was copied. Opening it is noted."""
    copies = ExcellentCopy.objects.visible_to(request.actor).filter(results__training_class=pk)
    rows = copies.select_related("results__training_class__project", "results__training_class__base")
    copy = rows.filter(organization=request.actor.organization).first() or rows.first()
    found = get_object_or_404(rows, pk=copy.pk if copy else 0)
    if found.organization == request.actor.organization and found.read_at is None:
        perform(request, listing.open_list, found)
    context = {
        "title": _("优秀学员名单"),
        "made": found.results,
        "head": head_of(found.results),
        "rows": queries.class_rows(found.results.training_class).filter(excellent=True),
        "copies": found.results.copies.select_related("organization"),
    }
    return render(request, "assessment/excellent_list.html", context)


@page(roles=REPORTERS)
def report(request: PageRequest) -> HttpResponse:
    """Trainees, hours and grades of each school, or of each district."""
    districts = request.GET.get("by") == "district"
    rows = Result.objects.visible_to(request.actor)
    lines = queries.by_unit(rows, districts=districts)
    return render(
        request,
        "assessment/unit_report.html",
        {
            "title": _("参训结果统计"),
            "lines": lines,
            "districts": districts,
            "unit": request.actor.organization,
        },
    )


@page(roles=REPORTERS)
@require_POST
def report_paper(request: PageRequest, pk: int) -> HttpResponse:
    """Print the report of one unit in the actor's reach."""
    where = request.actor.organization.reach if request.actor.organization else None
    rows = Organization.objects.under(where) if where else Organization.objects.none()
    unit = get_object_or_404(rows, pk=pk)
    try:
        title = _("%(unit)s参训结果统计") % {"unit": unit.name}
        return redirect(print_papers(request.actor, None, kind=REPORT, subjects=[unit.pk], title=title))
    except DomainError as refused:
        refuse(request, refused)
        return redirect("assessment:unit_report")


def find_class(request: PageRequest, pk: int) -> TrainingClass:
    """A class the actor sees, with what the services need; 404 otherwise."""
    rows = TrainingClass.objects.visible_to(request.actor)
    return get_object_or_404(
        rows.select_related("project__program__rulebook", "project__program__office__parent", "base"), pk=pk
    )


def standing_certificate(row: Result) -> object:
    """The result's certificate unless it is void. No query where it was selected along."""
    found = getattr(row, "certificate", None)
    return found if found and found.revoked_at is None else None


def ask(
    request: PageRequest, form: object, title: str, found: Result | None = None, back: str = ""
) -> HttpResponse:
    """The page of one form."""
    status = 422 if getattr(form, "errors", None) else 200
    context = {"title": title, "form": form, "result": found, "back": back}
    return render(request, "assessment/results_form.html", context, status=status)
