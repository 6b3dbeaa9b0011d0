"""The list 我的任务."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from portal.jobs.models import Job, JobState
from portal.ui.filters import FilterSet
from portal.ui.register import Column, Kind, Register, leads_to


class JobFilter(FilterSet):
    state = django_filters.ChoiceFilter(label=_("状态"), choices=JobState)

    class Meta:
        model = Job
        fields = ["state"]


JOBS: Register[Job] = Register(
    code="jobs.mine",
    title=_("我的任务"),
    rows=Job.objects.visible_to,
    columns=[
        Column("title", _("任务")),
        Column("pk", _("编号"), kind=Kind.NUMBER),
        Column("state", _("状态"), kind=Kind.BADGE),
        Column("done", _("已完成"), kind=Kind.NUMBER),
        Column("total", _("总数"), kind=Kind.NUMBER),
        Column("created_at", _("发起时间"), kind=Kind.MOMENT),
        Column("finished_at", _("完成时间"), kind=Kind.MOMENT),
    ],
    filters=JobFilter,
    search=("title__icontains",),
    search_hint=_("任务名称"),
    url=leads_to("jobs:detail"),
    empty=_("还没有任务。导入、批量打印和大批量导出会在这里显示进度。"),
    exports=False,
    template="jobs/list.html",
)
