"""The register of quotas."""

from __future__ import annotations

import django_filters
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy

from portal.operations.actor import Actor
from portal.organizations.kinds import Kind as OrganizationKind
from portal.organizations.models import label_of
from portal.ui.filters import FilterSet
from portal.ui.register import Column, Kind, Register, leads_to
from programs.tables.projects import yes_no
from quotas.models import Quota


class QuotaFilter(FilterSet):
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("单位类别"),
        field_name="organization__kind",
        choices=[
            (each.value, each.label)
            for each in (OrganizationKind.BUREAU, OrganizationKind.COLLEGE, OrganizationKind.SCHOOL)
        ],
    )
    has_free = django_filters.BooleanFilter(
        label=gettext_lazy("有剩余名额"), method="with_free", widget=yes_no()
    )

    class Meta:
        model = Quota
        fields: list[str] = []

    def with_free(self, rows: QuerySet[Quota], name: str, value: bool) -> QuerySet[Quota]:
        used = F("passed") + F("held")
        return rows.filter(received__gt=used) if value else rows.filter(received=used)


def quota_rows(actor: Actor) -> QuerySet[Quota]:
    """The quotas the actor sees, with what the list shows. One query."""
    return Quota.objects.visible_to(actor).select_related("project", "organization", "project__base").free()


QUOTAS: Register[Quota] = Register(
    "quotas.quotas",
    gettext_lazy("名额台账"),
    rows=quota_rows,
    columns=[
        Column(
            "organization",
            gettext_lazy("单位"),
            value=lambda row: row.organization.label,
            sort="organization__path",
            reads=label_of("organization"),
        ),
        Column("project__code", gettext_lazy("项目编号"), sort="project__code"),
        Column("project__name", gettext_lazy("项目名称")),
        Column("received", gettext_lazy("下达"), Kind.NUMBER, sort="received"),
        Column("passed", gettext_lazy("已分出"), Kind.NUMBER, sort="passed"),
        Column("held", gettext_lazy("已占用"), Kind.NUMBER, sort="held"),
        Column("free_seats", gettext_lazy("剩余"), Kind.NUMBER, sort="free_seats"),
    ],
    filters=QuotaFilter,
    search=("project__code__startswith", "project__name__icontains", "organization__name__icontains"),
    search_hint=gettext_lazy("项目编号、名称或单位"),
    order="project__code",
    url=leads_to("quotas:quota"),
    reads=(),
    empty=gettext_lazy("还没有名额。名额由项目办下达；未明确名额的项目由承担基地另行通知。"),
)
