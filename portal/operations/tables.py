"""The audit register: by person, operation, subject, time, outcome, address."""

from __future__ import annotations

from datetime import date

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.accounts.roles import Role
from portal.operations.models import AuditEntry, Outcome
from portal.operations.registry import operations
from portal.ui.filters import FilterSet
from portal.ui.register import Column, Kind, Register, leads_to
from portal.ui.widgets import DateInput, SearchSelect


def _operations() -> list[tuple[str, str]]:
    return [(each.code, f"{each.label}（{each.code}）") for each in operations()]


class AuditFilter(FilterSet):
    """Days are whole days of real time in Asia/Shanghai, both included."""

    person = django_filters.CharFilter(label=_("操作人"), field_name="actor_name", lookup_expr="icontains")
    operation = django_filters.ChoiceFilter(
        label=_("操作"), choices=_operations, empty_label=_("全部操作"), widget=SearchSelect
    )
    subject = django_filters.CharFilter(label=_("对象"), field_name="subject_label", lookup_expr="icontains")
    since = django_filters.DateFilter(label=_("自"), method="from_day", widget=DateInput)
    until = django_filters.DateFilter(label=_("至"), method="to_day", widget=DateInput)
    outcome = django_filters.ChoiceFilter(label=_("结果"), choices=Outcome, empty_label=_("全部结果"))
    ip = django_filters.CharFilter(label=_("来源地址"), field_name="ip", lookup_expr="startswith")

    class Meta:
        model = AuditEntry
        fields = ["person", "operation", "subject", "since", "until", "outcome", "ip"]

    def from_day(self, rows: QuerySet[AuditEntry], name: str, day: date) -> QuerySet[AuditEntry]:
        return rows.filter(at__gte=clock.start_of(day))

    def to_day(self, rows: QuerySet[AuditEntry], name: str, day: date) -> QuerySet[AuditEntry]:
        return rows.filter(at__lte=clock.end_of(day))


def role_word(entry: AuditEntry) -> str:
    return str(Role(entry.role).label) if entry.role in Role.values else entry.role


AUDIT: Register[AuditEntry] = Register(
    code="operations.audit",
    title=_("审计日志"),
    rows=lambda actor: AuditEntry.objects.visible_to(actor).defer("before", "after", "rows"),
    columns=[
        Column("at", _("时间"), kind=Kind.MOMENT),
        Column("business_at", _("业务时间"), kind=Kind.MOMENT, shown=False),
        Column("label", _("操作"), url=leads_to("operations:entry")),
        Column("operation", _("操作代码"), shown=False),
        Column("actor_name", _("操作人")),
        Column("role", _("角色"), value=role_word),
        Column("organization_name", _("机构")),
        Column("subject_label", _("对象")),
        Column("outcome", _("结果"), kind=Kind.BADGE),
        Column("ip", _("来源地址")),
        Column("request_id", _("请求编号"), shown=False),
        Column("reason", _("理由"), shown=False),
    ],
    filters=AuditFilter,
    search=("actor_name__icontains", "subject_label__icontains", "label__icontains"),
    search_hint=_("操作人、对象或操作"),
    url=leads_to("operations:entry"),
    empty=_("没有符合条件的审计记录。请放宽筛选条件。"),
)
