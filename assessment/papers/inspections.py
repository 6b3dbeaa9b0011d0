"""The record of a visit, and the circular, on paper. Source: CQ20-6.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Circular, Inspection, InspectionMark, InspectionPoint
from assessment.models.inspection import PLANNERS
from assessment.services.circulating import READERS
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.papers.kinds import Facts, PaperKind, register_kind
from portal.papers.models import PaperBatch
from portal.papers.pictures import picture
from portal.papers.services.starting import print_one
from portal.ui.charts import Chart, ChartKind, Series

RECORD, CIRCULAR = "inspection_record", "inspection_circular"


def record_rows() -> QuerySet[Inspection]:
    """Visits that took place, with what their paper says. Four queries."""
    marks = InspectionMark.objects.select_related("item")
    points = InspectionPoint.objects.select_related("item")
    rows = Inspection.objects.visited().select_related("project__program__office", "training_class", "base")
    return rows.prefetch_related(Prefetch("marks", marks), Prefetch("points", points), "inspectors__user")


def record_context(inspections: Sequence[Inspection]) -> list[Mapping[str, Any]]:
    """What each paper says, plain values only. No query."""
    return [
        {
            "program": each.project.program.name,
            "project": str(each.project),
            "class": each.training_class.name if each.training_class else "",
            "base": each.base.name,
            "office": each.project.program.office.name,
            "method": each.get_method_display(),
            "visited_on": each.visited_on,
            "inspectors": "、".join(str(one.user) for one in each.inspectors.all()),
            "score": each.score,
            "opinion": each.opinion,
            "advice": each.advice,
            "marks": [(mark.item.name, mark.most, mark.points, mark.note) for mark in each.marks.all()],
            "points": [
                (point.number, point.text, point.get_state_display(), point.answer)
                for point in each.points.all()
            ],
        }
        for each in inspections
    ]


def record_facts(inspection: Inspection) -> Facts:
    """What a stranger who scans the record may see."""
    return Facts(
        title=_("视导记录"),
        number=f"{inspection.project.code}-{inspection.pk:05d}",
        issuer=inspection.project.program.office.name,
        lines=[(_("项目"), str(inspection.project)), (_("视导日期"), str(inspection.visited_on))],
    )


def circular_rows() -> QuerySet[Circular]:
    """Circulars with the visits they tell of. Two queries."""
    visits = Inspection.objects.select_related("project", "base").order_by("-score", "pk")
    rows = Circular.objects.select_related("program__office")
    return rows.prefetch_related(Prefetch("inspections", visits))


def circular_context(circulars: Sequence[Circular]) -> list[Mapping[str, Any]]:
    """What each paper says, plain values only. No query."""
    return [_circular(each) for each in circulars]


def circular_facts(circular: Circular) -> Facts:
    """What a stranger who scans the circular may see."""
    return Facts(title=circular.title, number=f"{circular.pk:05d}", issuer=circular.program.office.name)


def print_inspection(actor: Actor, inspection: Inspection) -> PaperBatch:
    """Print one visit's record now. Raises as `print_one`."""
    return print_one(actor, RECORD, inspection.pk)


def print_circular(actor: Actor, circular: Circular) -> PaperBatch:
    """Print the circular now. Raises as `print_one`."""
    return print_one(actor, CIRCULAR, circular.pk)


def scores_chart(visits: Sequence[Inspection]) -> Chart:
    """The scores of visits side by side."""
    labels = [f"{each.project.code} {each.base.label}" for each in visits]
    return Chart(
        _("视导得分"),
        ChartKind.BAR,
        _("项目"),
        labels,
        [Series(_("得分"), [each.score for each in visits])],
        _("分"),
    )


def _circular(circular: Circular) -> Mapping[str, Any]:
    visits = list(circular.inspections.all())
    return {
        "heading": circular.title,
        "text": circular.text,
        "office": circular.program.office.name,
        "issued_on": circular.at,
        "picture": picture(scores_chart(visits)),
        "rows": [
            (str(each.project), each.base.name, each.visited_on, each.score, each.opinion) for each in visits
        ],
    }


register_kind(
    PaperKind(
        RECORD,
        gettext_lazy("视导记录"),
        "papers/inspection_record.html",
        frozenset({*PLANNERS, Role.EXPERT, Role.BASE_ADMIN}),
        record_rows,
        record_context,
        record_facts,
    )
)
register_kind(
    PaperKind(
        CIRCULAR,
        gettext_lazy("视导通报"),
        "papers/inspection_circular.html",
        READERS,
        circular_rows,
        circular_context,
        circular_facts,
    )
)
