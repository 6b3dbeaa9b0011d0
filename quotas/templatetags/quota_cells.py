"""The number fields of quota grids: what was typed stays when a save was refused."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.http import QueryDict
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.organizations.models import Organization
from portal.ui import formats
from portal.ui.formats import escaped
from programs.models import Project
from quotas.models import Quota
from quotas.queries import Line
from quotas.views.numbers import PREFIX, is_number

register = template.Library()


@register.simple_tag
def quota_lines(lines: Sequence[Line], may_edit: bool, typed: QueryDict | None) -> SafeString:
    """The rows of a quota table, its thousands of cells drawn in Python."""
    drawn = "\n".join(_line(each, may_edit, typed) for each in lines)
    return mark_safe(drawn)  # noqa: S308 - names are escaped, the rest are numbers and fields


def _line(line: Line, may_edit: bool, typed: QueryDict | None) -> str:
    cells = [
        _cell(line.organization, project, seats, typed) if may_edit else _number(seats)
        for project, seats in line.cells
    ]
    name, total = escaped(line.organization.label), _number(line.total)
    numbers = "".join(f"<td>{each}</td>" for each in cells)
    return f'<tr><th scope="row">{name}</th>{numbers}<td class="grid-sum">{total}</td></tr>'


def _number(seats: int | None) -> str:
    return "" if seats is None else formats.number(seats)


def _cell(
    organization: Organization, project: Project, seats: int | None, typed: QueryDict | None
) -> SafeString:
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
    saved = f' data-saved="{escaped(value)}"' if shown != value else ""
    bad = "" if is_number(shown.strip()) else ' aria-invalid="true"'
    field = (
        '<input class="grid-cell" inputmode="numeric" autocomplete="off" maxlength="6"'
        f' name="{escaped(name)}" value="{escaped(shown)}" aria-label="{escaped(label)}"{saved}{bad}>'
    )
    return mark_safe(field)  # noqa: S308 - each value is escaped
