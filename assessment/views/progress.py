"""The programme's progress on one screen, and on paper. Source: CQ20-1.1, CQ20-6.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from assessment import queries_progress as queries
from assessment.models.performance import OVERSEERS
from portal import clock
from portal.errors import DomainError
from portal.papers.kinds import Facts, PaperKind, register_kind
from portal.papers.services.starting import print_papers
from portal.ui import formats
from portal.ui.charts import Chart, ChartKind, Series
from portal.ui.desk import strip
from portal.ui.pages import PageRequest, page, refuse
from programs.models import Program
from programs.plugs import current_program

PAPER = "assessment.progress"
HEADS = (*queries.PEOPLE, *queries.CLASSES, queries.OVERDUE)


@page(roles=OVERSEERS)
def progress(request: PageRequest) -> HttpResponse:
    """From nominated to settled, by category, district or base; every figure leads to its rows."""
    program = current_program(request)
    by = request.GET.get("by", "category")
    by = by if by in dict(queries.DIMENSIONS) else "category"
    found = queries.lines(program, by, clock.today()) if program else []
    whole = queries.total(found)
    context = {
        "title": _("年度进展"),
        "program": program,
        "by": by,
        "dimensions": queries.DIMENSIONS,
        "heads": [word for _name, word in HEADS],
        "lines": found,
        "whole": whole,
        "charts": [_funnel(whole)] if found else [],
        "strip": strip(request, clock.now()),
        "now": clock.now(),
    }
    return render(request, "assessment/progress.html", context)


@page(roles=OVERSEERS)
@require_POST
def paper(request: PageRequest, pk: int) -> HttpResponse:
    """Print the progress of the programme `pk` by all three."""
    found = get_object_or_404(Program.objects.visible_to(request.actor), pk=pk)
    try:
        title = _("%(program)s进展") % {"program": found.name}
        return redirect(print_papers(request.actor, None, kind=PAPER, subjects=[found.pk], title=title))
    except DomainError as refused:
        refuse(request, refused)
        return redirect("assessment:progress")


def _funnel(whole: queries.Line) -> Chart:
    words = [word for _name, word in queries.PEOPLE]
    values = [whole.counts[name] for name, _word in queries.PEOPLE]
    return Chart(_("从推荐到考核"), ChartKind.BAR, _("环节"), words, [Series(_("人数"), values)], _("人"))


def paper_rows() -> QuerySet[Program]:
    return Program.objects.select_related("office")


def contexts(programs: Sequence[Program]) -> list[Mapping[str, Any]]:
    """The tables of each programme. One is printed at a time."""
    return [_context(each) for each in programs]


def facts(program: Program) -> Facts:
    title = _("%(program)s进展") % {"program": program.name}
    return Facts(title=title, issuer=program.office.name, lines=[(_("统计日期"), formats.day(clock.today()))])


def _context(program: Program) -> Mapping[str, Any]:
    tables = []
    for by, word in queries.DIMENSIONS:
        found = queries.lines(program, by, clock.today())
        rows = [
            {"name": line.name, "cells": [count for count, _url in line.cells]}
            for line in [*found, queries.total(found)]
        ]
        tables.append({"title": str(word), "rows": rows})
    return {"heads": [str(word) for _name, word in HEADS], "tables": tables}


register_kind(
    PaperKind(
        PAPER,
        gettext_lazy("年度进展"),
        "papers/progress.html",
        frozenset(OVERSEERS),
        paper_rows,
        contexts,
        facts,
    )
)
