"""The list 导入记录."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from portal.operations.actor import Actor
from portal.sheets.imports import find_kind
from portal.sheets.models import BatchState, ImportBatch, ImportBatchQuerySet
from portal.ui.filters import FilterSet
from portal.ui.register import Column, Kind, Register


class BatchFilter(FilterSet):
    state = django_filters.ChoiceFilter(label=_("状态"), choices=BatchState)

    class Meta:
        model = ImportBatch
        fields = ["state"]


def _rows(actor: Actor) -> ImportBatchQuerySet:
    return ImportBatch.objects.visible_to(actor).select_related("uploader")


BATCHES: Register[ImportBatch] = Register(
    code="sheets.batches",
    title=_("导入记录"),
    rows=_rows,
    columns=[
        Column("number", _("批次号")),
        Column("kind", _("内容"), value=lambda each: str(find_kind(each.kind).label)),
        Column("original_name", _("文件")),
        Column("state", _("状态"), kind=Kind.BADGE),
        Column("ready", _("可导入"), kind=Kind.NUMBER),
        Column("conflict", _("有冲突"), kind=Kind.NUMBER),
        Column("error", _("有错误"), kind=Kind.NUMBER),
        Column("uploader", _("上传人")),
        Column("created_at", _("上传时间"), kind=Kind.MOMENT),
    ],
    filters=BatchFilter,
    search=("number__istartswith", "original_name__icontains"),
    search_hint=_("批次号、文件名"),
    url=lambda each: each.get_absolute_url(),
    empty=_("还没有导入记录。请在相应业务页面点击“导入”，下载模板填写后上传。"),
    exports=False,
)
