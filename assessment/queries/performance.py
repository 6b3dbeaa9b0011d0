"""What the page and the paper of a summary show: the same charts and the same table, from the kept rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import PerformanceRun, PerformanceSummary, SummaryLevel
from assessment.scoring import Line
from portal.operations.actor import Actor
from portal.ui.charts import Chart, ChartKind, Series

# The steps of a trainee's way, in their order: the figure's name and its word.
COUNTS = (
    ("nominated", gettext_lazy("推荐")),
    ("registered", gettext_lazy("报名")),
    ("roster", gettext_lazy("确认")),
    ("attended", gettext_lazy("参训")),
    ("passed", gettext_lazy("合格")),
    ("excellent", gettext_lazy("优秀")),
)


@dataclass(frozen=True)
class Reached:
    """One line of the scheme with what a row reached in it; None where it could not be reckoned."""

    line: Line
    share: Decimal | None
    points: Decimal | None


def scheme(run: PerformanceRun) -> list[Line]:
    """The scheme by which the run was reckoned."""
    return [Line.from_json(each) for each in run.scheme]


def reached(row: PerformanceSummary, lines: Iterable[Line]) -> list[Reached]:
    """Line by line, what the row reached."""
    return [
        Reached(
            line,
            row.share(line.numerator, line.denominator),
            Decimal(row.points[line.code]) if line.code in row.points else None,
        )
        for line in lines
    ]


def rows_of(actor: Actor, run: PerformanceRun, level: SummaryLevel) -> list[PerformanceSummary]:
    """The run's rows of one level that the actor sees, the best first. One query."""
    rows = PerformanceSummary.objects.visible_to(actor).filter(run=run, level=level)
    found = list(rows.select_related("base", "training_class", "run__program"))
    return sorted(found, key=lambda row: (row.rank is None, row.rank or 0, row.label))


def charts(whole: PerformanceSummary | None, bases: Sequence[PerformanceSummary]) -> list[Chart]:
    """The pictures: the way of the trainees, the bases' scores, their shares. None of what nobody supplied."""
    made = []
    if whole is not None:
        known = [(word, whole.figure(name)) for name, word in COUNTS if name in whole.figures]
        made.append(_bar(_("从推荐到结业的人数"), _("环节"), known, _("人数"), _("人")))
    if bases:
        made.append(
            _bar(
                _("各培训基地得分"),
                _("培训基地"),
                [(row.label, row.score) for row in bases],
                _("得分"),
                _("分"),
            )
        )
        made.append(
            Chart(
                _("各培训基地参训率与合格率"),
                ChartKind.BAR,
                _("培训基地"),
                [row.label for row in bases],
                [
                    Series(_("参训率"), [row.share("attended", "roster") for row in bases]),
                    Series(_("合格率"), [row.share("passed", "roster") for row in bases]),
                ],
                "%",
            )
        )
    return made


def _bar(title: str, axis: str, pairs: Sequence[tuple[Any, Decimal | None]], name: str, unit: str) -> Chart:
    labels, values = [label for label, _value in pairs], [value for _label, value in pairs]
    return Chart(title, ChartKind.BAR, axis, labels, [Series(name, values)], unit)


def behind(row: PerformanceSummary) -> list[tuple[str, Decimal, str]]:
    """The row's counts as (word, figure, address of the people behind it)."""
    people = reverse("enrollment:enrollments")
    where = f"training_class={row.training_class_id}" if row.training_class_id else ""
    links = {
        "nominated": f"{reverse('enrollment:nominations')}?{where}",
        "registered": f"{people}?{where}",
        "roster": f"{people}?{where}&state=confirmed",
    }
    return [
        (str(word), row.figure(name) or Decimal(0), links.get(name, ""))
        for name, word in COUNTS
        if name in row.figures
    ]
