"""Pages of grades: a class's sheet, pasting, handing in and closing, the register. Source: CQ20-5.2."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assessment.forms.grades import PasteForm, ReasonForm
from assessment.grading_rows import changed_entries, grade_rows
from assessment.models import ClassGrading, GradingState
from assessment.pasting import entries_of
from assessment.services import closing
from assessment.services.grading import GradedClasses, record_grades
from assessment.services.tallying import caps_of
from assessment.sheets import export_grades
from assessment.tables.grades import GRADES, GRADINGS
from enrollment.queries.arrival import arrival_counts, present_in
from enrollment.views.arrivals import find_class
from portal.accounts.roles import OFFICE, Role
from portal.errors import DomainError
from portal.operations.history import history_of
from portal.ui.pages import PageRequest, page, perform, refuse, submit
from portal.ui.register.workbook import CONTENT_TYPE
from programs.models import TrainingClass
from programs.scopes import FOLLOWERS, RUNNERS

SEERS = (
    *FOLLOWERS,
    Role.BUREAU_CLERK,
    Role.BUREAU_APPROVER,
    Role.SCHOOL_ADMIN,
    Role.COLLEGE_ADMIN,
)


@page(roles=FOLLOWERS)
def grading_list(request: PageRequest) -> HttpResponseBase:
    """The register of classes by how far their grading is."""
    return GRADINGS.respond(request)


@page(roles=SEERS)
def grade_list(request: PageRequest) -> HttpResponseBase:
    """The register of grades."""
    return GRADES.respond(request)


@page(roles=FOLLOWERS)
def class_grades(request: PageRequest, pk: int) -> HttpResponse:
    """The grade sheet of a class; a POST saves what was typed."""
    found = find_class(request, pk)
    typed = request.POST if request.method == "POST" else None
    if typed is not None and _saved(request, found):
        return redirect("assessment:class_grades", pk)
    levels = list(found.rulebook.grade_levels.select_related("clause__notice"))
    context = {
        "title": _("成绩"),
        "training_class": found,
        "grading": _grading(found),
        "levels": levels,
        "rows": grade_rows(found, levels, typed),
        "caps": caps_of(found, levels),
        "citation": next((each.clause.citation for each in levels if each.clause), None),
        "counts": arrival_counts(found),
        "may": record_grades.refusal(request.actor, GradedClasses(found)) is None,
        "entries": history_of(found),
    }
    return render(request, "assessment/grades/class.html", context, status=200 if typed is None else 422)


@page(roles=RUNNERS)
def paste(request: PageRequest, pk: int) -> HttpResponse:
    """Grades pasted from a spreadsheet."""
    found = find_class(request, pk)
    form = PasteForm(request.POST or None)
    if form.is_valid():
        done = submit(request, form, _paste, found, text=form.cleaned_data["text"])
        if done is not None:
            messages.success(request, _("已登记，改动%(count)d人。") % {"count": done})
            return redirect("assessment:class_grades", pk)
    context = {"title": _("粘贴成绩"), "form": form, "training_class": found}
    return render(request, "assessment/grades/paste.html", context, status=422 if form.errors else 200)


@page(roles=FOLLOWERS)
def export(request: PageRequest, pk: int) -> HttpResponseBase:
    """The grade sheet as a workbook that can be filled and imported."""
    file, name = export_grades(find_class(request, pk))
    return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPE)


@page(roles=RUNNERS)
@require_POST
def hand_in(request: PageRequest, pk: int) -> HttpResponse:
    """Submit the class's grades."""
    if perform(request, closing.submit_grades, find_class(request, pk)):
        messages.success(request, _("成绩已提交，等待基地管理员审定。"))
    return redirect("assessment:class_grades", pk)


@page(roles=[Role.BASE_ADMIN])
@require_POST
def close(request: PageRequest, pk: int) -> HttpResponse:
    """Make the class's grades final."""
    if perform(request, closing.close_grades, find_class(request, pk)):
        messages.success(request, _("成绩已审定。如需更改，须由项目办重开。"))
    return redirect("assessment:class_grades", pk)


@page(roles=[Role.BASE_ADMIN])
def give_back(request: PageRequest, pk: int) -> HttpResponse:
    """Give submitted grades back to the class teacher."""
    return _with_reason(request, pk, closing.return_grades, _("退回成绩"))


@page(roles=OFFICE)
def reopen(request: PageRequest, pk: int) -> HttpResponse:
    """Take the finality of a class's grades away."""
    return _with_reason(request, pk, closing.reopen_grades, _("重开成绩"))


def _with_reason(request: PageRequest, pk: int, operation: Any, title: str) -> HttpResponse:
    found = find_class(request, pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and submit(request, form, operation, found, **form.cleaned_data):
        messages.success(request, _("已办理。"))
        return redirect("assessment:class_grades", pk)
    context = {
        "title": title,
        "form": form,
        "label": title,
        "words": _("“%(name)s”的成绩将回到评定中，基地可以再改；理由留痕。") % {"name": found.name},
        "back": reverse("assessment:class_grades", args=[pk]),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


def _saved(request: PageRequest, found: TrainingClass) -> bool:
    try:
        entries = changed_entries(request.POST.dict())
        count = record_grades(request.actor, GradedClasses(found), entries=entries)
    except DomainError as refused:
        refuse(request, refused)
        return False
    messages.success(request, _("已保存，改动%(count)d人。") % {"count": count})
    return True


def _paste(actor: Any, found: TrainingClass, *, text: str) -> int:
    people = list(present_in(found).select_related("teacher"))
    entries = entries_of(text, people, list(found.rulebook.grade_levels.all()))
    return record_grades(actor, GradedClasses(found), entries=entries)


def _grading(found: TrainingClass) -> ClassGrading:
    stored = ClassGrading.objects.filter(training_class=found).first()
    return stored or ClassGrading(training_class=found, state=GradingState.OPEN)
