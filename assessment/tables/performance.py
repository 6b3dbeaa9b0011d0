"""The lists of performance summaries and of their rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import PerformanceRun, PerformanceSummary, SummaryLevel
from portal.operations.actor import Actor
from portal.organizations.models import Organization
from portal.ui.filters import FilterSet
from portal.ui.register import Column, Kind, Register, leads_to


def run_rows(actor: Actor) -> QuerySet[PerformanceRun]:
    """The reckonings the actor sees. One query."""
    return PerformanceRun.objects.visible_to(actor).select_related("program")


def summary_rows(actor: Actor) -> QuerySet[PerformanceSummary]:
    """The rows of all reckonings that the actor sees. One query."""
    rows = PerformanceSummary.objects.visible_to(actor)
    return rows.select_related("run__program", "base", "training_class__project")


def _runs(request: Any) -> QuerySet[PerformanceRun]:
    return run_rows(request.actor)


def _bases(request: Any) -> QuerySet[Organization]:
    seen = PerformanceSummary.objects.visible_to(request.actor).order_by()
    return Organization.objects.filter(pk__in=seen.values("base")).order_by("path")


class SummaryFilter(FilterSet):
    run = django_filters.ModelChoiceFilter(label=gettext_lazy("统计"), queryset=_runs)
    level = django_filters.ChoiceFilter(label=gettext_lazy("层级"), choices=SummaryLevel.choices)
    base = django_filters.ModelChoiceFilter(label=gettext_lazy("承担单位"), queryset=_bases)

    class Meta:
        model = PerformanceSummary
        fields = ["run", "level", "base"]


def _count(key: str, title: Any) -> Column:
    return Column(key, title, Kind.NUMBER, value=lambda row: row.figure(key))


def _share(key: str, title: Any, numerator: str, denominator: str) -> Column:
    def value(row: PerformanceSummary) -> str:
        share = row.share(numerator, denominator)
        return "" if share is None else f"{share}%"

    return Column(key, title, value=value)


def _money(key: str, title: Any) -> Column:
    def value(row: PerformanceSummary) -> Decimal | None:
        return row.figure(key)

    return Column(key, title, Kind.MONEY, value=value)


RUNS: Register[PerformanceRun] = Register(
    "assessment.performance_runs",
    gettext_lazy("绩效汇总"),
    rows=run_rows,
    columns=[
        Column("program", gettext_lazy("年度计划"), value=lambda row: row.program.name),
        Column("on", gettext_lazy("统计日期"), Kind.DATE, sort="on"),
        Column("at", gettext_lazy("统计时间"), Kind.MOMENT, shown=False),
        Column("by_name", gettext_lazy("统计人")),
    ],
    url=lambda row: row.get_absolute_url(),
    empty=gettext_lazy(
        "还没有绩效汇总。项目办可在年度进展页面点“统计绩效”，结果按日期留存，供下一年基地遴选和名额分配参考。"
    ),
    template="assessment/performance_runs.html",
)

SUMMARIES: Register[PerformanceSummary] = Register(
    "assessment.performance",
    gettext_lazy("绩效排名"),
    rows=summary_rows,
    columns=[
        Column("label", gettext_lazy("对象"), value=lambda row: row.label),
        Column("level", gettext_lazy("层级"), value=lambda row: row.get_level_display()),
        Column("base", gettext_lazy("承担单位"), value=lambda row: row.base.label if row.base else ""),
        Column("rank", gettext_lazy("名次"), Kind.NUMBER, sort="rank"),
        Column("score", gettext_lazy("得分"), Kind.NUMBER, sort="score"),
        _count("nominated", gettext_lazy("推荐")),
        _count("registered", gettext_lazy("报名")),
        _count("roster", gettext_lazy("确认")),
        _count("attended", gettext_lazy("参训")),
        _count("passed", gettext_lazy("合格")),
        _share("excellence", gettext_lazy("优秀率"), "excellent", "roster"),
        _share("evaluation", gettext_lazy("学员评教"), "evaluation_sum", "evaluation_full"),
        _share("deliverables", gettext_lazy("材料按时"), "on_time", "owed"),
        _share("inspection", gettext_lazy("视导"), "inspection_sum", "inspection_full"),
        _money("budget", gettext_lazy("预算")),
        _money("spent", gettext_lazy("支出")),
        Column("on", gettext_lazy("统计日期"), Kind.DATE, value=lambda row: row.run.on, shown=False),
    ],
    filters=SummaryFilter,
    search=(
        "training_class__name__icontains",
        "base__name__icontains",
        "training_class__project__code__startswith",
    ),
    search_hint=gettext_lazy("班级、承担单位或项目编号"),
    order="rank",
    url=leads_to("assessment:performance_row"),
    empty=gettext_lazy("没有符合条件的绩效记录。"),
)


def heading(row: PerformanceSummary) -> str:
    """What the page of one row is called."""
    return _("%(label)s · 绩效") % {"label": row.label}
