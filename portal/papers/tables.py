"""The list of print runs."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.forms import Select
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.jobs.models import JobState
from portal.operations.actor import Actor
from portal.papers.kinds import kinds, label_of
from portal.papers.models import PaperBatch
from portal.ui.filters import FilterSet
from portal.ui.register import Column, Kind, Register
from portal.ui.words import word_of


def batch_rows(actor: Actor) -> QuerySet[PaperBatch]:
    """What the actor printed, and for office holders what is printed in their reach, with what a line shows."""
    return PaperBatch.objects.visible_to(actor).select_related("owner", "organization", "job")


def state_of(batch: PaperBatch) -> tuple[str, str]:
    """How far the run is, as a badge. No query."""
    if batch.finished_at is not None:
        return JobState.DONE.value, str(JobState.DONE.label)
    if batch.job is None:
        return JobState.FAILED.value, _("未完成")
    return batch.job.state, word_of(batch.job, "state")


def _kinds() -> list[tuple[str, str]]:
    return [(code, str(kind.label)) for code, kind in kinds().items()]


class BatchFilter(FilterSet):
    kind = django_filters.ChoiceFilter(label=gettext_lazy("类型"), choices=_kinds)
    unfinished = django_filters.BooleanFilter(
        label=gettext_lazy("未完成"),
        field_name="finished_at",
        lookup_expr="isnull",
        widget=Select(
            choices=[("", gettext_lazy("全部")), ("true", gettext_lazy("是")), ("false", gettext_lazy("否"))]
        ),
    )

    class Meta:
        model = PaperBatch
        fields = ["kind"]


BATCHES: Register[PaperBatch] = Register(
    code="papers.batches",
    title=gettext_lazy("打印任务"),
    rows=batch_rows,
    columns=[
        Column("title", gettext_lazy("名称")),
        Column("kind", gettext_lazy("类型"), value=lambda row: label_of(row.kind)),
        Column("state", gettext_lazy("状态"), Kind.BADGE, value=state_of),
        Column("total", gettext_lazy("份数（人、班）"), Kind.NUMBER),
        Column("copies", gettext_lazy("每份印数"), Kind.NUMBER),
        Column("pages", gettext_lazy("页数"), Kind.NUMBER),
        Column(
            "organization",
            gettext_lazy("打印单位"),
            value=lambda row: row.organization.label if row.organization else "",
        ),
        Column("owner", gettext_lazy("打印人"), value=lambda row: row.owner.name if row.owner else ""),
        Column("created_at", gettext_lazy("开始时间"), Kind.MOMENT),
        Column("finished_at", gettext_lazy("完成时间"), Kind.MOMENT, shown=False),
    ],
    filters=BatchFilter,
    search=("title__icontains",),
    search_hint=gettext_lazy("名称"),
    url=lambda row: row.get_absolute_url(),
    empty=gettext_lazy("还没有打印任务。在报名台账、班级页面等处点“打印”后，进度和文件都在这里。"),
)
