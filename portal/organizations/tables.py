"""The register of organisations."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from portal.operations.actor import Actor
from portal.organizations.kinds import Kind as OrganizationKind
from portal.organizations.models import Locality, Organization, Ownership
from portal.text import normalise
from portal.ui.filters import FilterSet
from portal.ui.register import Column, Kind, Register, leads_to
from portal.ui.widgets import SearchSelect

IN_USE = (("1", _("在用")), ("0", _("停用")))


def _superiors(request: object) -> QuerySet[Organization]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return rows_of(actor).exclude(kind__in=[OrganizationKind.SCHOOL, OrganizationKind.BASE]).order_by("path")


class OrganizationFilter(FilterSet):
    kind = django_filters.ChoiceFilter(label=_("类别"), choices=OrganizationKind.choices)
    parent = django_filters.ModelChoiceFilter(label=_("上级机构"), queryset=_superiors, widget=SearchSelect)
    ownership = django_filters.ChoiceFilter(label=_("办别"), choices=Ownership.choices)
    locality = django_filters.ChoiceFilter(label=_("城乡"), choices=Locality.choices)
    active = django_filters.ChoiceFilter(label=_("状态"), choices=IN_USE, method="in_use")

    class Meta:
        model = Organization
        fields = ["kind", "parent", "ownership", "locality"]

    def in_use(self, rows: QuerySet[Organization], name: str, value: str) -> QuerySet[Organization]:
        return rows.filter(active=value == "1")


def rows_of(actor: Actor) -> QuerySet[Organization]:
    """What the actor sees, with the superior of each."""
    return Organization.objects.visible_to(actor).select_related("parent")


def find(rows: QuerySet[Organization], text: str) -> QuerySet[Organization]:
    """By part of the name, the beginning of its pinyin initials, a code, a former name."""
    word = normalise(text)
    condition = (
        Q(name__icontains=word) | Q(short_name__icontains=word) | Q(former_names__name__icontains=word)
    )
    if word.isascii() and word.isalnum():
        condition |= Q(initials__startswith=word.lower()) | Q(school_code__startswith=word)
        condition |= Q(credit_code=word.upper()) | Q(region_code=word)
    return rows.filter(pk__in=Organization.objects.filter(condition).values("pk"))


def state_of(organization: Organization) -> tuple[str, str]:
    """The badge: in use, out of use, merged."""
    if organization.active:
        return "active", str(_("在用"))
    return ("inactive", str(_("已并入"))) if organization.merged_into_id else ("inactive", str(_("停用")))


ORGANIZATIONS: Register[Organization] = Register(
    code="organizations.organizations",
    title=_("机构台账"),
    rows=rows_of,
    columns=[
        Column("name", _("机构名称"), sort="name"),
        Column("kind", _("类别"), kind=Kind.CHOICE, sort="kind"),
        Column("parent__name", _("上级机构")),
        Column("region_code", _("行政区划"), sort="region_code"),
        Column("school_code", _("学校标识码"), sort="school_code"),
        Column("credit_code", _("统一社会信用代码"), shown=False),
        Column("ownership", _("办别"), kind=Kind.CHOICE),
        Column("locality", _("城乡"), kind=Kind.CHOICE, shown=False),
        Column("contact_name", _("联系人")),
        Column("contact_phone", _("联系电话")),
        Column("address", _("地址"), shown=False),
        Column("active", _("状态"), kind=Kind.BADGE, value=state_of, reads=("active", "merged_into_id")),
    ],
    filters=OrganizationFilter,
    search=find,
    search_hint=_("名称、曾用名、拼音首字母、学校标识码"),
    order="path",
    url=leads_to("organizations:detail"),
    empty=_("没有符合条件的机构。可以调整筛选条件，或点击右上角“导入学校”。"),
    template="organizations/list.html",
    reads=(),
)
