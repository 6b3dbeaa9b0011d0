"""The register of surveys. How many answered is shown to all who see it, means only where they may be."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from assessment.models import Survey, SurveyKind, SurveyState
from assessment.survey_results import evaluation_of, with_means
from portal.operations.actor import Actor
from portal.organizations.models import Organization
from portal.ui.filters import FilterSet
from portal.ui.register import Column, Kind, Register, leads_to
from programs.models import TrainingClass


def _classes(request: Any) -> QuerySet[TrainingClass]:
    return TrainingClass.objects.visible_to(request.actor).filter(surveys__isnull=False).distinct()


def _bases(request: Any) -> QuerySet[Organization]:
    rows = Survey.objects.visible_to(request.actor).order_by().values("training_class__base")
    return Organization.objects.filter(pk__in=rows)


class SurveyFilter(FilterSet):
    kind = django_filters.ChoiceFilter(label=gettext_lazy("种类"), choices=SurveyKind.choices)
    state = django_filters.ChoiceFilter(label=gettext_lazy("状态"), choices=SurveyState.choices)
    base = django_filters.ModelChoiceFilter(
        label=gettext_lazy("承担单位"), field_name="training_class__base", queryset=_bases
    )
    training_class = django_filters.ModelChoiceFilter(label=gettext_lazy("班级"), queryset=_classes)

    class Meta:
        model = Survey
        fields = ["kind", "state", "training_class"]


def survey_rows(actor: Actor) -> QuerySet[Survey]:
    """The surveys the actor sees, with what the list shows. One query."""
    rows = Survey.objects.visible_to(actor).select_related("training_class__base", "training_class__project")
    return with_means(rows.counted())


def _share(row: Survey) -> Decimal | None:
    share = evaluation_of(row).share
    return None if share is None else share.quantize(Decimal("0.1"))


SURVEYS: Register[Survey] = Register(
    "assessment.surveys",
    gettext_lazy("问卷台账"),
    rows=survey_rows,
    columns=[
        Column("title", gettext_lazy("问卷"), sort="title"),
        Column("training_class__name", gettext_lazy("班级"), sort="training_class__name"),
        Column("training_class__project__code", gettext_lazy("项目编号")),
        Column("base", gettext_lazy("承担单位"), value=lambda row: row.training_class.base.label),
        Column("state", gettext_lazy("状态"), Kind.BADGE),
        Column("opens_at", gettext_lazy("开放"), Kind.DATE, shown=False),
        Column("closes_at", gettext_lazy("截止"), Kind.DATE, sort="closes_at"),
        Column("invited", gettext_lazy("应答"), Kind.NUMBER, sort="invited"),
        Column("answered", gettext_lazy("已答"), Kind.NUMBER, sort="answered"),
        Column("share", gettext_lazy("回收率%"), Kind.NUMBER, value=_share),
        Column(
            "mean",
            gettext_lazy("均分"),
            Kind.NUMBER,
            value=lambda row: evaluation_of(row).mean,
            hint=gettext_lazy("百分制；截止且满5份后公布"),
        ),
    ],
    filters=SurveyFilter,
    search=("training_class__name__icontains", "training_class__project__code__startswith"),
    search_hint=gettext_lazy("班级名称或项目编号"),
    order="-closes_at",
    url=leads_to("assessment:survey"),
    empty=gettext_lazy("还没有问卷。各班问卷按通知规定的时间自动向学员开放，届时出现在这里。"),
)
