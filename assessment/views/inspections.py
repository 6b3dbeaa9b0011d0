"""Pages of inspections: the register, coverage, planning, one inspection and what becomes of its findings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assessment.coverage import base_scores, coverage, coverage_findings, unvisited
from assessment.forms.inspections import AnswerForm, PlanForm, SettleForm
from assessment.models import Inspection, InspectionPoint
from assessment.models.inspection import PLANNERS
from assessment.papers.inspections import print_inspection
from assessment.services import following_up, inspections
from assessment.tables.inspections import INSPECTIONS, inspectors_of
from portal.accounts.roles import Role
from portal.errors import DomainError
from portal.operations.models import AuditEntry
from portal.rulebook.citing import cites
from portal.ui.pages import PageRequest, page, perform, refuse, submit
from programs.forms.projects import ReasonForm
from programs.models import Program, Project

SEERS = (*PLANNERS, Role.EXPERT, Role.BASE_ADMIN)


@page(roles=SEERS)
def inspection_list(request: PageRequest) -> HttpResponseBase:
    """The register of inspections."""
    return INSPECTIONS.respond(request)


@page(roles=PLANNERS)
@cites("CQ20-6.4")
def overview(request: PageRequest, pk: int) -> HttpResponse:
    """Coverage: how many projects were visited, who was not, how the bases were seen."""
    program = _program(request, pk)
    context = {
        "title": _("视导覆盖"),
        "program": program,
        "coverage": coverage(program),
        "findings": coverage_findings(program),
        "missing": unvisited(program),
        "scores": base_scores(program),
    }
    return render(request, "assessment/coverage.html", context)


@page(roles=PLANNERS)
def plan(request: PageRequest, pk: int) -> HttpResponse:
    """Plan visits to several projects, or to the one named in the address."""
    program = _program(request, pk)
    key = request.GET.get("project", "")
    project = get_object_or_404(program.projects, pk=key) if key.isdigit() else None
    form = PlanForm(program, request.POST or None, project=project)
    if form.is_valid():
        chosen: list[Project] = [project] if project else list(form.cleaned_data["projects"])
        made = submit(request, form, inspections.plan_inspections, program, projects=chosen, plan=form.plan())
        if made:
            messages.success(request, _("已安排%(count)d个项目的视导。") % {"count": len(made)})
            return redirect("assessment:coverage", pk)
    context = {"title": _("安排视导"), "form": form, "program": program, "project": project}
    return render(request, "assessment/plan.html", context, status=422 if form.errors else 200)


@page(roles=SEERS)
@cites("CQ20-6.4")
def inspection(request: PageRequest, pk: int) -> HttpResponse:
    """One inspection: what was seen, the findings with the base's answers, files, history."""
    found = _inspection(request, pk)
    context = {
        "title": _("视导：%(project)s") % {"project": found.project},
        "record": found,
        "facts": _facts(found),
        "mine": found.inspectors.filter(user=request.actor.user_id).exists(),
        "marks": found.marks.select_related("item"),
        "points": found.points.select_related("item", "inspection"),
        "files": found.files.all(),
        "answer": AnswerForm(),
        "settle": SettleForm(),
        "entries": AuditEntry.objects.about(found)[:20],
    }
    return render(request, "assessment/inspection.html", context)


@page(roles=PLANNERS)
def change(request: PageRequest, pk: int) -> HttpResponse:
    """Another day, method or inspectors."""
    found = _inspection(request, pk)
    initial = {
        "planned_on": found.planned_on,
        "method": found.method,
        "inspectors": [each.user_id for each in found.inspectors.all()],
        "training_class": found.training_class,
    }
    form = PlanForm(found.project.program, request.POST or None, project=found.project, initial=initial)
    if form.is_valid():
        version = int(request.POST.get("version") or 0)
        if submit(request, form, inspections.change_inspection, found, version=version, plan=form.plan()):
            messages.success(request, _("已调整。"))
            return redirect("assessment:inspection", pk)
    context = {
        "title": _("调整视导安排"),
        "form": form,
        "program": found.project.program,
        "inspection": found,
    }
    return render(request, "assessment/plan.html", context, status=422 if form.errors else 200)


@page(roles=PLANNERS)
def cancel(request: PageRequest, pk: int) -> HttpResponse:
    """Cancel a planned visit, with a reason."""
    found = _inspection(request, pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and submit(request, form, inspections.cancel_inspection, found, **form.cleaned_data):
        messages.success(request, _("已取消。"))
        return redirect("assessment:inspection", pk)
    context = {
        "title": _("取消视导"),
        "words": _("取消后此项目仍需另行安排视导。"),
        "label": _("取消视导"),
        "form": form,
        "back": reverse("assessment:inspection", args=[pk]),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


@page(roles=PLANNERS)
@require_POST
def close(request: PageRequest, pk: int) -> HttpResponse:
    """Close a visit whose findings are settled."""
    if perform(request, following_up.close_inspection, _inspection(request, pk)):
        messages.success(request, _("已办结。"))
    return redirect("assessment:inspection", pk)


@page(roles=[Role.BASE_ADMIN])
@require_POST
def answer(request: PageRequest, pk: int) -> HttpResponse:
    """The base's answer to a finding."""
    point = _point(request, pk)
    if perform(request, following_up.answer_point, point, answer=request.POST.get("answer", "")):
        messages.success(request, _("已反馈，等待项目办核实。"))
    return redirect("assessment:inspection", point.inspection_id)


@page(roles=PLANNERS)
@require_POST
def settle(request: PageRequest, pk: int) -> HttpResponse:
    """Accept or return a base's answer."""
    point = _point(request, pk)
    accept = request.POST.get("do") == "accept"
    opinion = request.POST.get("opinion", "")
    if perform(request, following_up.settle_point, point, accept=accept, opinion=opinion):
        messages.success(request, _("已核实。") if accept else _("已退回基地补充。"))
    return redirect("assessment:inspection", point.inspection_id)


@page(roles=SEERS)
@require_POST
def print_one(request: PageRequest, pk: int) -> HttpResponse:
    """The record as a PDF."""
    try:
        return redirect(print_inspection(request.actor, _inspection(request, pk)))
    except DomainError as refused:
        refuse(request, refused)
        return redirect("assessment:inspection", pk)


def _program(request: PageRequest, pk: int) -> Program:
    rows = Program.objects.visible_to(request.actor).select_related("rulebook", "office__parent")
    return get_object_or_404(rows, pk=pk)


def _inspection(request: PageRequest, pk: int) -> Inspection:
    rows = Inspection.objects.visible_to(request.actor).select_related(
        "project__program__rulebook",
        "project__program__office__parent",
        "project__base",
        "training_class",
        "base",
    )
    return get_object_or_404(rows, pk=pk)


def _point(request: PageRequest, pk: int) -> InspectionPoint:
    rows = InspectionPoint.objects.filter(inspection__in=Inspection.objects.visible_to(request.actor))
    return get_object_or_404(
        rows.select_related("inspection__base", "inspection__project__program__office__parent"), pk=pk
    )


def _facts(found: Inspection) -> list[tuple[str, object]]:
    return [
        (_("项目"), found.project),
        (_("班级"), found.training_class or _("整个项目")),
        (_("承担单位"), found.base),
        (_("视导方式"), found.get_method_display()),
        (_("计划日期"), found.planned_on),
        (_("视导日期"), found.visited_on or ""),
        (_("视导人员"), inspectors_of(found)),
        (_("得分"), found.score if found.score is not None else ""),
        (_("提交人"), found.submitted_by_name),
    ]
