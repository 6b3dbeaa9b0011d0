"""The number fields of quota grids: what was typed stays when a save was refused."""

from __future__ import annotations

from django import template
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.organizations.models import Organization
from programs.models import Project
from quotas.models import Quota
from quotas.views.numbers import PREFIX, is_number

register = template.Library()


@register.simple_tag
def quota_cell(
    organization: Organization, project: Project, seats: int | None, typed: QueryDict | None
) -> SafeString:
    """One cell of a quota table."""
    name = f"{PREFIX}{organization.pk}-{project.pk}"
    label = _("%(organization)s %(project)s") % {"organization": organization.label, "project": project.code}
    return _field(name, label, "" if seats is None else str(seats), typed)


@register.simple_tag
def quota_input(organization: Organization, quota: Quota | None, typed: QueryDict | None) -> SafeString:
    """One organisation's number."""
    seats = str(quota.received) if quota else ""
    return _field(f"{PREFIX}{organization.pk}", organization.label, seats, typed)


def _field(name: str, label: str, value: str, typed: QueryDict | None) -> SafeString:
    """`data-saved` keeps what is stored where a refused save left something else; what is no number is marked."""
    shown = typed.get(name, value) if typed else value
    saved = format_html(' data-saved="{}"', value) if shown != value else ""
    bad = "" if is_number(shown.strip()) else SafeString(' aria-invalid="true"')
    return format_html(
        '<input class="grid-cell" inputmode="numeric" autocomplete="off" maxlength="6" name="{}" value="{}" aria-label="{}"{}{}>',
        name,
        shown,
        label,
        saved,
        bad,
    )
