"""Whether an organisation's data can stand: its own values, and beside the others in the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from portal.organizations.codes import check_credit_code, check_region, check_school_code, clean_code
from portal.organizations.models import Organization
from portal.organizations.phones import check_contact, clean_phone
from portal.organizations.problems import Problem, not_offered, refuse_blocking, too_long
from portal.text import normalise

_CODES = frozenset({"region_code", "school_code", "credit_code"})


def clean_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return `data` (model field → what was typed) as it is stored."""
    return {field: _clean(field, value) for field, value in data.items()}


def _clean(field: str, value: object) -> str:
    if field in _CODES:
        return clean_code(value)
    if field == "contact_phone":
        return clean_phone(value)
    return normalise(str(value or ""))


def problems_of(organization: Organization) -> list[Problem]:
    """What is wrong with the values themselves. No queries."""
    return [
        *_missing(organization),
        *too_long(organization),
        *not_offered(organization),
        *check_region(organization.region_code),
        *check_school_code(organization.school_code, organization.kind, organization.region_code),
        *check_credit_code(organization.credit_code),
        *check_contact(organization.contact_phone),
    ]


def _missing(organization: Organization) -> list[Problem]:
    return [] if organization.name else [Problem("missing", _("未填写机构名称。请填写。"), field="name")]


def require_sound(organization: Organization) -> None:
    """Raise Invalid for a wrong value, or one that another organisation bears. At most three queries."""
    refuse_blocking(problems_of(organization))
    refuse_blocking(taken_by_others(organization))


def taken_by_others(organization: Organization) -> list[Problem]:
    """Which of the values that are unique another organisation bears already."""
    others = Organization.objects.exclude(pk=organization.pk)
    found = []
    if organization.school_code:
        found += _taken(others.filter(school_code=organization.school_code), "school_code")
    if organization.credit_code:
        same = others.filter(credit_code=organization.credit_code, kind=organization.kind)
        found += _taken(same, "credit_code")
    if organization.active:
        siblings = others.filter(parent=organization.parent, kind=organization.kind, active=True)
        found += _taken(siblings.filter(name=organization.name), "name")
    return found


def _taken(others: Any, field: str) -> list[Problem]:
    other = others.first()
    if other is None:
        return []
    label = getattr(Organization._meta.get_field(field), "verbose_name", field)
    message = _("此%(field)s已属于“%(other)s”。请核对；如为同一单位，请修改已有记录或办理合并。")
    return [Problem("taken", message % {"field": label, "other": other}, field=field)]
