"""The registers of inspections and of circulars."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy

from assessment.models import Circular, Inspection, InspectionState, Method
from assessment.services.following_up import UNSETTLED
from portal.operations.actor import Actor
from portal.organizations.models import Organization, label_of
from portal.ui.filters import FilterSet
from portal.ui.register import Column, Kind, Register, leads_to


def _bases(request: Any) -> QuerySet[Organization]:
    rows = Inspection.objects.visible_to(request.actor).order_by().values("base")
    return Organization.objects.filter(pk__in=rows)


class InspectionFilter(FilterSet):
    state = django_filters.ChoiceFilter(label=gettext_lazy("状态"), choices=InspectionState.choices)
    method = django_filters.ChoiceFilter(label=gettext_lazy("方式"), choices=Method.choices)
    base = django_filters.ModelChoiceFilter(label=gettext_lazy("承担单位"), queryset=_bases)
    planned_before = django_filters.DateFilter(
        label=gettext_lazy("计划不晚于"), field_name="planned_on", lookup_expr="lte"
    )

    class Meta:
        model = Inspection
        fields = ["state", "method", "base"]


def inspection_rows(actor: Actor) -> QuerySet[Inspection]:
    """The inspections the actor sees, with what the list shows. Two queries with the inspectors' names."""
    rows = Inspection.objects.visible_to(actor).select_related("project", "training_class", "base")
    return rows.prefetch_related("inspectors__user").annotate(
        unsettled=Count("points", filter=Q(points__state__in=UNSETTLED))
    )


def inspectors_of(row: Inspection) -> str:
    return "、".join(str(each.user) for each in row.inspectors.all())


INSPECTIONS: Register[Inspection] = Register(
    "assessment.inspections",
    gettext_lazy("视导台账"),
    rows=inspection_rows,
    columns=[
        Column("project__code", gettext_lazy("项目编号"), sort="project__code"),
        Column("project__name", gettext_lazy("项目")),
        Column(
            "training_class",
            gettext_lazy("班级"),
            value=lambda row: row.training_class.name if row.training_class else "",
            reads=("training_class__name",),
        ),
        Column("base", gettext_lazy("承担单位"), value=lambda row: row.base.label, reads=label_of("base")),
        Column("planned_on", gettext_lazy("计划日期"), Kind.DATE, sort="planned_on"),
        Column("visited_on", gettext_lazy("视导日期"), Kind.DATE, shown=False),
        Column("method", gettext_lazy("方式"), Kind.CHOICE),
        Column("inspectors", gettext_lazy("视导人员"), value=inspectors_of, reads=("pk",)),
        Column("state", gettext_lazy("状态"), Kind.BADGE),
        Column("score", gettext_lazy("得分"), Kind.NUMBER, sort="score"),
        Column("unsettled", gettext_lazy("未办结问题"), Kind.NUMBER),
    ],
    filters=InspectionFilter,
    search=("project__code__startswith", "project__name__icontains", "base__name__icontains"),
    search_hint=gettext_lazy("项目编号、名称或承担单位"),
    order="-planned_on",
    url=leads_to("assessment:inspection"),
    reads=(),
    empty=gettext_lazy("还没有视导。项目办在“视导覆盖”页面安排，视导人员到现场用手机记录。"),
)


def circular_rows(actor: Actor) -> QuerySet[Circular]:
    """The circulars the actor sees. One query."""
    return (
        Circular.objects.visible_to(actor)
        .select_related("program")
        .annotate(
            sent=Count("copies", distinct=True),
            read=Count("copies", filter=Q(copies__read_at__isnull=False), distinct=True),
        )
    )


CIRCULARS: Register[Circular] = Register(
    "assessment.circulars",
    gettext_lazy("视导通报"),
    rows=circular_rows,
    columns=[
        Column("title", gettext_lazy("标题")),
        Column("program", gettext_lazy("年度计划"), value=lambda row: row.program.name),
        Column("at", gettext_lazy("发布时间"), Kind.MOMENT, sort="at"),
        Column("by_name", gettext_lazy("发布人")),
        Column("sent", gettext_lazy("接收单位"), Kind.NUMBER),
        Column("read", gettext_lazy("已阅"), Kind.NUMBER),
    ],
    search=("title__icontains",),
    search_hint=gettext_lazy("标题"),
    order="-at",
    url=leads_to("assessment:circular"),
    empty=gettext_lazy("还没有视导通报。"),
)
