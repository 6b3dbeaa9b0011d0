"""Pages of what bases owe: the list, the office's matrix, one deliverable with its copies."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal import clock
from portal.accounts.roles import OFFICE, Role
from portal.operations.models import AuditEntry
from portal.ui.pages import PageRequest, page, perform, submit
from portal.ui.register.workbook import CONTENT_TYPE
from programs import hooks
from programs.forms.training import HandInForm, OpinionForm
from programs.matrix import PAGE, matrix, workbook
from programs.models import Deliverable, Submission, SubmissionFile, SubmissionState, TrainingClass
from programs.scopes import is_run_by
from programs.services import handing_in
from programs.tables.projects import CLASSES
from programs.tables.training import OWED, OwedFilter, owed_rows, status_of


@page
def owed_list(request: PageRequest) -> HttpResponseBase:
    """The register of what is owed."""
    return OWED.respond(request)


@page(roles=[*OFFICE, Role.PROVINCIAL_OFFICER, Role.BASE_ADMIN])
def owed_matrix(request: PageRequest) -> HttpResponseBase:
    """Classes by deliverables; `?export=1` gives the workbook of what is filtered."""
    filters = OwedFilter(request.GET, queryset=owed_rows(request.actor), request=request)
    owed = filters.qs if filters.is_valid() else owed_rows(request.actor).none()
    classes = _classes(owed, request.GET.get("q", ""))
    everything = owed_rows(request.actor)
    if "export" in request.GET:
        file, name = workbook(matrix(classes, everything))
        return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPE)
    shown = Paginator(classes, PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("应交材料进度"),
        "filters": filters,
        "shown": shown,
        "matrix": matrix(shown.object_list, everything),
    }
    return render(request, "programs/owed/matrix.html", context)


@page
def owed(request: PageRequest, pk: int) -> HttpResponse:
    """One deliverable: what was handed in, the decisions; its base hands in here."""
    found = _owed(request, pk)
    mine = is_run_by(request.actor, found.training_class)
    elsewhere = hooks.delivered_at.get(found.requirement.code)
    hands = mine and elsewhere is None and _takes_more(found)
    form = HandInForm(request.POST or None, request.FILES or None) if hands else None
    if form and form.is_valid():
        done = submit(
            request,
            form,
            handing_in.hand_in,
            found.training_class,
            code=found.requirement.code,
            **form.given,
        )
        if done is not None:
            messages.success(request, _("已报送，等待项目办审核。"))
            return redirect("programs:owed", pk)
    status = 422 if form and form.errors else 200
    context = _context(request, found) | {"form": form, "mine": mine, "elsewhere": None}
    if elsewhere and mine:
        context["elsewhere"] = elsewhere(found.training_class_id)
    return render(request, "programs/owed/owed.html", context, status=status)


@page
def again(request: PageRequest, pk: int) -> HttpResponse:
    """Hand in a corrected copy."""
    found = _submission(request, pk)
    initial = {"title": found.title, "text": found.text}
    form = HandInForm(request.POST or None, request.FILES or None, initial=initial)
    if form.is_valid() and submit(request, form, handing_in.hand_in_again, found, **form.given) is not None:
        messages.success(request, _("已重新报送，等待项目办审核。"))
        return redirect("programs:owed", found.deliverable_id)
    return _ask(request, found, form, _("重新报送"), found.opinion)


@page
@require_POST
def accept(request: PageRequest, pk: int) -> HttpResponse:
    """Take what was handed in."""
    found = _submission(request, pk)
    if perform(request, handing_in.accept, found) is not None:
        messages.success(request, _("已接收。"))
    return redirect("programs:owed", found.deliverable_id)


@page
def send_back(request: PageRequest, pk: int) -> HttpResponse:
    """Return what was handed in, with the reason."""
    found = _submission(request, pk)
    form = OpinionForm(request.POST or None)
    if (
        form.is_valid()
        and submit(request, form, handing_in.send_back, found, **form.cleaned_data) is not None
    ):
        messages.success(request, _("已退回，基地会收到消息。"))
        return redirect("programs:owed", found.deliverable_id)
    return _ask(request, found, form, _("退回材料"), "")


@page
def file(request: PageRequest, pk: int) -> FileResponse:
    """One of the files handed in."""
    rows = SubmissionFile.objects.filter(submission__in=Submission.objects.visible_to(request.actor))
    return get_object_or_404(rows, pk=pk).response()


def _classes(owed: QuerySet[Deliverable], text: str) -> QuerySet[TrainingClass]:
    keys = owed.order_by().values("training_class")
    rows = TrainingClass.objects.filter(pk__in=keys).select_related("base", "project")
    return CLASSES.find(rows, text).order_by("starts_on", "pk")


def _takes_more(found: Deliverable) -> bool:
    return found.requirement.minimum > 1 or not found.submissions.exists()


def _owed(request: PageRequest, pk: int) -> Deliverable:
    rows = owed_rows(request.actor).select_related(
        "requirement__clause__notice",
        "training_class__base",
        "training_class__project__program__rulebook",
        "training_class__project__program__office__parent",
    )
    return get_object_or_404(rows, pk=pk)


def _submission(request: PageRequest, pk: int) -> Submission:
    rows = Submission.objects.visible_to(request.actor).select_related(
        "deliverable__requirement",
        "deliverable__training_class__base",
        "deliverable__training_class__project__program__rulebook",
        "deliverable__training_class__project__program__office__parent",
    )
    return get_object_or_404(rows, pk=pk)


def _context(request: PageRequest, found: Deliverable) -> dict[str, object]:
    clause = found.requirement.clause
    rows = list(found.submissions.prefetch_related("files"))
    about = AuditEntry.objects.filter(
        subject_type="programs.submission", subject_id__in=[str(each.pk) for each in rows]
    )
    return {
        "title": f"{found.requirement.name} · {found.training_class.name}",
        "record": found,
        "status": status_of(found),
        "facts": [
            (_("班级"), found.training_class),
            (_("承担单位"), found.base),
            (_("截止日期"), f"{found.due_on:%Y-%m-%d}"),
            (_("已交 / 应交"), f"{found.handed_in} / {found.requirement.minimum}"),
            (_("交齐时间"), found.completed_at and f"{found.completed_at:%Y-%m-%d}"),
        ],
        "citation": clause.citation if clause else None,
        "submissions": rows,
        "waiting": SubmissionState.SUBMITTED,
        "due_at": None if found.is_complete else clock.end_of(found.due_on),
        "entries": about.order_by("-pk")[:20],
    }


def _ask(
    request: PageRequest, found: Submission, form: HandInForm | OpinionForm, title: str, lead: str
) -> HttpResponse:
    context = {"title": title, "record": found, "form": form, "lead": lead}
    status = 422 if form.errors else 200
    return render(request, "programs/owed/ask.html", context, status=status)
