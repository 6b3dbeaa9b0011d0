"""Pages of surveys for those who run them: the register, one survey with its results, the comparison."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from assessment.models import Survey, SurveyKind
from assessment.models.survey import COUNTERS, READERS
from assessment.papers.surveys import print_results
from assessment.services.survey_export import export_results
from assessment.services.surveying import close_survey, remind_survey
from assessment.survey_charts import comparison_chart, means_chart, shares_chart
from assessment.survey_results import (
    BY,
    RESULTS_FROM,
    compare,
    evaluation_of,
    hidden_because,
    results_of,
    with_means,
)
from assessment.tables.surveys import SURVEYS
from portal.errors import DomainError
from portal.operations.models import AuditEntry
from portal.rulebook.citing import cites
from portal.ui.pages import PageRequest, page, perform, refuse
from portal.ui.register.workbook import CONTENT_TYPE

# That somebody answered at a certain minute is nobody's business but the audit's.
ANSWER = "assessment.answer_survey"
WORDS = {"base": gettext_lazy("承担单位"), "class": gettext_lazy("班级"), "project": gettext_lazy("项目")}


@page(roles=COUNTERS)
def survey_list(request: PageRequest) -> HttpResponseBase:
    """The register of surveys."""
    return SURVEYS.respond(request)


@page(roles=COUNTERS)
@cites("CQ20-3.6")
def survey(request: PageRequest, pk: int) -> HttpResponse:
    """One survey: how many answered; its results where the person may read them."""
    found = _survey(request, pk)
    figures = evaluation_of(found)
    hidden = hidden_because(request.actor, found, figures.answered)
    results = [] if hidden else results_of(found)
    context = {
        "title": str(found),
        "record": found,
        "figures": figures,
        "hidden": hidden,
        "results": results,
        "charts": [chart for chart in (means_chart(results), shares_chart(results)) if chart],
        "least": RESULTS_FROM,
        "entries": AuditEntry.objects.about(found).exclude(operation=ANSWER)[:20],
    }
    return render(request, "assessment/survey.html", context)


@page(roles=COUNTERS)
@require_POST
def remind(request: PageRequest, pk: int) -> HttpResponse:
    """Remind those who have not answered; nobody learns who they are."""
    count = perform(request, remind_survey, _survey(request, pk))
    if count is not None:
        messages.success(
            request, _("已提醒%(count)d名尚未填答的学员（每人每天至多一次）。") % {"count": count}
        )
    return redirect("assessment:survey", pk)


@page(roles=READERS)
@require_POST
def close(request: PageRequest, pk: int) -> HttpResponse:
    """End the survey before its time."""
    if perform(request, close_survey, _survey(request, pk)):
        messages.success(request, _("问卷已截止，结果已公布。"))
    return redirect("assessment:survey", pk)


@page(roles=READERS)
@require_POST
def print_survey(request: PageRequest, pk: int) -> HttpResponse:
    """The results as a PDF."""
    try:
        return redirect(print_results(request.actor, _survey(request, pk)))
    except DomainError as refused:
        refuse(request, refused)
        return redirect("assessment:survey", pk)


@page(roles=READERS)
@require_POST
def export(request: PageRequest, pk: int) -> HttpResponseBase:
    """The results as a workbook."""
    found = _survey(request, pk)
    file = perform(request, export_results, found)
    if file is None:
        return redirect("assessment:survey", pk)
    return FileResponse(file, as_attachment=True, filename=f"{found}.xlsx", content_type=CONTENT_TYPE)


@page(roles=READERS)
def comparison(request: PageRequest) -> HttpResponse:
    """Evaluations side by side, by class, base or project."""
    by = request.GET.get("by", "base")
    by = by if by in BY else "base"
    kind = request.GET.get("kind", SurveyKind.EVALUATION)
    rows = Survey.objects.visible_to(request.actor).filter(kind=kind)
    lines = compare(rows, by)
    context = {
        "title": _("评教对比"),
        "lines": lines,
        "by": by,
        "choices": WORDS.items(),
        "word": WORDS[by],
        "chart": comparison_chart(WORDS[by], lines) if lines else None,
        "least": RESULTS_FROM,
    }
    return render(request, "assessment/comparison.html", context)


def _survey(request: PageRequest, pk: int) -> Survey:
    rows = Survey.objects.visible_to(request.actor).select_related(
        "training_class__base",
        "training_class__class_teacher",
        "training_class__project__program__rulebook",
        "training_class__project__program__office__parent",
        "clause__notice",
    )
    return get_object_or_404(with_means(rows.counted()), pk=pk)
