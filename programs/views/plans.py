"""Pages of plans: the survey of needs, writing, sending, the office's list, one plan with its reviews."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.operations.models import AuditEntry
from portal.reviews.models import Review
from portal.reviews.queries import history, standing
from portal.ui.pages import PageRequest, page, perform, submit
from programs.forms.training import NeedsForm, PlanForm, ShownForm
from programs.models import PlanFile, PlanState, TrainingClass, TrainingPlan
from programs.scopes import is_run_by
from programs.services import plans
from programs.tables.training import PLANS
from programs.views import own_class, seen_version

WRITABLE = (PlanState.DRAFT, PlanState.RETURNED, PlanState.REJECTED)


@page
def plan_list(request: PageRequest) -> HttpResponseBase:
    """The register of plans: the office's queue, the base's own."""
    return PLANS.respond(request)


@page
def record(request: PageRequest, pk: int) -> HttpResponse:
    """One plan: its sections, files, the rules, who has it, every opinion."""
    found = _plan(request, pk)
    review = standing(found)
    mine = is_run_by(request.actor, found.training_class)
    context = {
        "title": _("%(class)s培训方案") % {"class": found.training_class},
        "record": found,
        "training_class": found.training_class,
        "facts": _facts(found),
        "sections": _sections(found),
        "needs": getattr(found.training_class, "needs", None),
        "files": list(found.files.all()),
        "findings": plans.plan_findings(found.training_class) if found.state in WRITABLE else None,
        "review": review,
        "may_decide": bool(review and review.held_by(request.actor)),
        "writable": mine and found.state in WRITABLE,
        "entries": _entries(found),
        **_next(review),
    }
    return render(request, "programs/plans/plan.html", context)


@page
def needs(request: PageRequest, pk: int) -> HttpResponse:
    """Record what the survey of needs found."""
    found = own_class(request, pk)
    stored = getattr(found, "needs", None)
    form = NeedsForm(request.POST or None, instance=stored)
    if form.is_valid():
        done = submit(
            request, form, plans.record_needs, found, values=form.values, version=seen_version(request)
        )
        if done is not None:
            messages.success(request, _("已登记。下一步：编写培训方案。"))
            return redirect("programs:class", pk)
    return _form(request, found, form, _("登记训前需求调研"), stored.version if stored else 0)


@page
def edit(request: PageRequest, pk: int) -> HttpResponse:
    """Write the plan of the class `pk`."""
    found = own_class(request, pk)
    stored = getattr(found, "plan", None)
    start = {"leader": found.contact_name, "leader_phone": found.contact_phone}
    form = PlanForm(request.POST or None, request.FILES or None, instance=stored, initial=start)
    if form.is_valid():
        given = {"values": form.values, "files": form.cleaned_data["attachments"]}
        done = submit(request, form, plans.save_plan, found, version=seen_version(request), **given)
        if done is not None:
            messages.success(request, _("已保存。核对后请报送项目办审核。"))
            return redirect("programs:plan_record", done.pk)
    return _form(request, found, form, _("编写培训方案"), stored.version if stored else 0)


@page
@require_POST
def send(request: PageRequest, pk: int) -> HttpResponse:
    """Send the plan to the office."""
    found = _plan(request, pk)
    if perform(request, plans.submit_plan, found, version=seen_version(request)) is not None:
        messages.success(request, _("培训方案已报送，等待项目办审核。"))
    return redirect("programs:plan_record", pk)


@page
def file(request: PageRequest, pk: int) -> FileResponse:
    """One of a plan's files."""
    rows = PlanFile.objects.filter(plan__in=TrainingPlan.objects.visible_to(request.actor))
    return get_object_or_404(rows, pk=pk).response()


@page
@require_POST
def remove_file(request: PageRequest, pk: int) -> HttpResponse:
    """Take a file off a plan."""
    rows = PlanFile.objects.filter(plan__in=TrainingPlan.objects.visible_to(request.actor))
    found = get_object_or_404(rows.select_related("plan__training_class__base"), pk=pk)
    if perform(request, plans.remove_plan_file, found) is not None:
        messages.success(request, _("已删除附件。"))
    return redirect("programs:plan_record", found.plan_id)


def _plan(request: PageRequest, pk: int) -> TrainingPlan:
    rows = TrainingPlan.objects.visible_to(request.actor).select_related(
        "training_class__project__program__rulebook",
        "training_class__project__program__office__parent",
        "training_class__base",
        "training_class__needs",
        "training_class__notice",
    )
    return get_object_or_404(rows, pk=pk)


def _form(
    request: PageRequest, found: TrainingClass, form: ShownForm, title: str, version: int
) -> HttpResponse:
    context = {"title": title, "form": form, "training_class": found, "version": version}
    return render(request, "programs/plans/form.html", context, status=422 if form.errors else 200)


def _facts(plan: TrainingPlan) -> list[tuple[str, object]]:
    found = plan.training_class
    return [
        (_("班级"), found),
        (_("申报单位"), found.base),
        (_("培训时间"), f"{found.starts_on:%Y-%m-%d} — {found.ends_on:%Y-%m-%d}"),
        (_("项目负责人"), f"{plan.leader} {plan.leader_phone}"),
        (_("首席专家"), plan.chief_expert),
        (_("首次报送"), plan.submitted_at and f"{plan.submitted_at:%Y-%m-%d}"),
        (_("是否按期"), "" if plan.submitted_at is None else (_("逾期报送") if plan.late else _("按期"))),
    ]


def _sections(plan: TrainingPlan) -> list[tuple[str, str]]:
    names = [each for each in plans.PLAN_FIELDS if each not in ("leader", "leader_phone", "chief_expert")]
    meta = TrainingPlan._meta
    return [(str(meta.get_field(name).verbose_name), getattr(plan, name)) for name in names]  # type: ignore[union-attr]


def _entries(found: TrainingPlan) -> list[Any]:
    entries = [*history(found), *AuditEntry.objects.about(found)[:20]]
    return sorted(entries, key=lambda each: getattr(each, "business_at", None) or each.at, reverse=True)


def _next(review: Review | None) -> dict[str, object]:
    if review is None:
        return {}
    return {"next_step": review.step, "holder": review.reviewer, "due_at": review.due_at}
