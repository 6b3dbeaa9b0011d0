"""Organisations come into being and their data is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own, within
from portal.operations.versions import save_version
from portal.organizations.checks import clean_data, require_sound
from portal.organizations.kinds import TOP
from portal.organizations.models import Organization
from portal.organizations.permits import ADMINS, BUREAUS, KEEPERS, managed
from portal.organizations.services.tree import lock_tree, require_place

# What `update` may set; the name, the superior and being in use have operations of their own.
DATA_FIELDS = (
    "short_name",
    "region_code",
    "school_code",
    "credit_code",
    "ownership",
    "locality",
    "contact_name",
    "contact_phone",
    "address",
    "remark",
)
CONTACT_FIELDS = ("contact_name", "contact_phone", "address")


@operation("organizations.found", _("设立顶层机构"), roles=[], system=True)
def found(act: Act, subject: None, /, *, kind: str, name: str, **data: Any) -> Organization:
    """Make the root of a deployment: a province, or a municipality directly under the state."""
    if kind not in TOP:
        raise Invalid(_("顶层机构只能是省级或市级教育行政部门。"), field="kind")
    return _save(act, Organization(kind=kind, name=name), data)


@operation("organizations.create", _("新增机构"), roles=KEEPERS, scope=within(""), system=True)
def create(act: Act, parent: Organization, /, *, kind: str, name: str, **data: Any) -> Organization:
    """Make an organisation under `parent` with any of DATA_FIELDS.

    Raises Invalid for a wrong code, a code or name that exists, or a superior of the wrong kind.
    """
    lock_tree()
    parent.refresh_from_db()
    require_place(kind, parent)
    return _save(act, Organization(parent=parent, kind=kind, name=name), data)


def _save(act: Act, organization: Organization, data: Mapping[str, Any]) -> Organization:
    cleaned = clean_data({"name": organization.name, **_only(data, DATA_FIELDS)})
    for field, value in cleaned.items():
        setattr(organization, field, value)
    require_sound(organization)
    organization.save()
    act.changed(organization, after={"kind": organization.get_kind_display(), **cleaned})
    return organization


@operation("organizations.update", _("修改机构信息"), roles=KEEPERS, scope=managed())
def update(act: Act, organization: Organization, /, *, version: int, **data: Any) -> Organization:
    """Set any of DATA_FIELDS. Raises Invalid for a wrong value, Conflict when someone changed it meanwhile."""
    return _update(act, organization, version, _only(data, DATA_FIELDS))


@operation("organizations.update_contact", _("修改本单位联系信息"), roles=(*ADMINS, *BUREAUS), scope=own(""))
def update_contact(act: Act, organization: Organization, /, *, version: int, **data: Any) -> Organization:
    """An organisation keeps its own CONTACT_FIELDS."""
    return _update(act, organization, version, _only(data, CONTACT_FIELDS))


def _update(act: Act, organization: Organization, version: int, data: Mapping[str, Any]) -> Organization:
    lock_tree()
    before = {field: getattr(organization, field) for field in data}
    changed = {field: value for field, value in clean_data(data).items() if value != before[field]}
    for field, value in changed.items():
        setattr(organization, field, value)
    require_sound(organization)
    save_version(organization, version, **changed)
    act.changed(organization, before={field: before[field] for field in changed}, after=changed)
    return organization


def _only(data: Mapping[str, Any], fields: tuple[str, ...]) -> Mapping[str, Any]:
    unknown = sorted(set(data) - set(fields))
    if unknown:
        raise TypeError(f"not a field of this operation: {', '.join(unknown)}")
    return data
