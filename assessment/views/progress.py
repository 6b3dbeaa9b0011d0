"""The programme's progress on one screen. Source: CQ20-1.1, CQ20-6.4."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assessment.models.performance import OVERSEERS
from assessment.papers.progress import PAPER
from assessment.queries import progress as queries
from portal import clock
from portal.errors import DomainError
from portal.papers.services.starting import print_papers
from portal.ui.charts import Chart, ChartKind, Series
from portal.ui.desk import strip
from portal.ui.pages import PageRequest, page, refuse
from programs.models import Program
from programs.plugs.projects import current_program


@page(roles=OVERSEERS)
def progress(request: PageRequest) -> HttpResponse:
    """From nominated to settled, by category, district or base; every figure leads to its rows."""
    program = current_program(request)
    by = request.GET.get("by", "category")
    by = by if by in dict(queries.DIMENSIONS) else "category"
    found = queries.lines(program, by, clock.today()) if program else []
    whole = queries.total(found, program, by) if program else None
    context = {
        "title": _("年度进展"),
        "program": program,
        "by": by,
        "dimensions": queries.DIMENSIONS,
        "heads": [word for _name, word in queries.HEADS],
        "lines": found,
        "whole": whole,
        "charts": [_funnel(whole)] if whole and found else [],
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
