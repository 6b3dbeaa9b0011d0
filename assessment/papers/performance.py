"""The performance summary on paper, with the pictures of its page. Source: CQ20-6.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import PerformanceRun, PerformanceSummary, SummaryLevel
from assessment.models.performance import OVERSEERS
from assessment.queries import performance as queries
from portal.operations.actor import Actor
from portal.papers.kinds import Facts, PaperKind, register_kind
from portal.papers.pictures import picture
from portal.ui import formats


def run_rows() -> QuerySet[PerformanceRun]:
    return PerformanceRun.objects.select_related("program__office")


def contexts(runs: Sequence[PerformanceRun]) -> list[Mapping[str, Any]]:
    """What each summary's paper says. Three queries a summary; one is printed at a time."""
    return [_context(run) for run in runs]


def facts(run: PerformanceRun) -> Facts:
    return Facts(
        title=_("%(program)s绩效汇总") % {"program": run.program.name},
        number=f"{run.program.year}-{run.pk:04d}",
        issuer=run.program.office.name,
        lines=[(_("统计日期"), formats.day(run.on))],
    )


def _context(run: PerformanceRun) -> Mapping[str, Any]:
    reader = Actor.system("papers")
    of = {level: queries.rows_of(reader, run, level) for level in SummaryLevel}
    whole = next(iter(of[SummaryLevel.PROGRAM]), None)
    return {
        "on": run.on,
        "by": run.by_name,
        "lines": [{"name": line.name, "weight": str(line.weight)} for line in queries.scheme(run)],
        "pictures": [
            {"title": str(chart.title), "picture": picture(chart)}
            for chart in queries.charts(whole, of[SummaryLevel.BASE])
        ],
        "tables": [
            {"title": _("培训基地排名"), "rows": [_row(row) for row in of[SummaryLevel.BASE]]},
            {"title": _("班级排名"), "rows": [_row(row) for row in of[SummaryLevel.CLASS]]},
        ],
    }


def _row(row: PerformanceSummary) -> dict[str, Any]:
    return {
        "rank": row.rank or "—",
        "label": row.label,
        "counts": [str(row.figures.get(name, "—")) for name, _word in queries.COUNTS],
        "score": "—" if row.score is None else str(row.score),
    }


PERFORMANCE = register_kind(
    PaperKind(
        "assessment.performance",
        gettext_lazy("绩效汇总"),
        "papers/performance.html",
        frozenset(OVERSEERS),
        run_rows,
        contexts,
        facts,
    )
)
