"""Pages of the performance summary. Source: CQ20-6.4."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assessment.models import PerformanceRun, SummaryLevel
from assessment.models.performance import OVERSEERS, SEEN_OF_OWN
from assessment.queries import performance as queries
from assessment.services.performance import RECKONERS, ask_for_performance
from assessment.tables.performance import RUNS, SUMMARIES, heading, summary_rows
from portal.errors import DomainError
from portal.papers.services.starting import print_papers
from portal.ui.pages import PageRequest, page, perform, refuse
from programs.models import Program
from programs.plugs.projects import current_program

SEERS = (*OVERSEERS, *SEEN_OF_OWN)
PAPER = "assessment.performance"


@page(roles=SEERS)
def run_list(request: PageRequest) -> HttpResponseBase:
    """Every kept summary."""
    return RUNS.respond(request, program=current_program(request), may=request.actor.role in RECKONERS)


@page(roles=RECKONERS)
@require_POST
def start(request: PageRequest, pk: int) -> HttpResponse:
    """Reckon the programme `pk` anew, in the background."""
    rows = Program.objects.visible_to(request.actor).select_related("rulebook", "office__parent")
    job = perform(request, ask_for_performance, get_object_or_404(rows, pk=pk))
    return redirect("jobs:detail", job.pk) if job else redirect("assessment:performance_runs")


@page(roles=SEERS)
def run(request: PageRequest, pk: int) -> HttpResponse:
    """One summary: its figures, its pictures, its ranking."""
    found = _run(request, pk)
    whole = next(iter(queries.rows_of(request.actor, found, SummaryLevel.PROGRAM)), None)
    bases = queries.rows_of(request.actor, found, SummaryLevel.BASE)
    lines = queries.scheme(found)
    context = {
        "title": _("绩效汇总"),
        "run": found,
        "may_print": request.actor.has_role(*OVERSEERS),
        "whole": whole,
        "counts": queries.behind(whole) if whole else [],
        "charts": queries.charts(whole, bases),
        "lines": lines,
        "bases": [(row, queries.reached(row, lines)) for row in bases],
    }
    return render(request, "assessment/performance_run.html", context)


@page(roles=SEERS)
def ranking(request: PageRequest) -> HttpResponseBase:
    """Classes and bases of every summary as a list to filter and to export."""
    return SUMMARIES.respond(request)


@page(roles=SEERS)
def row(request: PageRequest, pk: int) -> HttpResponse:
    """One row: what it reached in each line, and the people behind its counts."""
    found = get_object_or_404(summary_rows(request.actor), pk=pk)
    context = {
        "title": heading(found),
        "row": found,
        "reached": queries.reached(found, queries.scheme(found.run)),
        "counts": queries.behind(found),
    }
    return render(request, "assessment/performance_row.html", context)


@page(roles=OVERSEERS)
@require_POST
def paper(request: PageRequest, pk: int) -> HttpResponse:
    """Print the summary, with the pictures of its page."""
    found = _run(request, pk)
    try:
        return redirect(print_papers(request.actor, None, kind=PAPER, subjects=[found.pk], title=str(found)))
    except DomainError as refused:
        refuse(request, refused)
        return redirect(found)


def _run(request: PageRequest, pk: int) -> PerformanceRun:
    rows = PerformanceRun.objects.visible_to(request.actor).select_related("program__rulebook")
    return get_object_or_404(rows, pk=pk)
