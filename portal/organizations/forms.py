"""Forms over a record's fields: what is typed goes to an operation, never into the record itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.db import models
from django.forms.models import fields_for_model, model_to_dict
from django.utils.translation import gettext_lazy as _

from portal.operations.actor import Actor
from portal.organizations.checks import clean_data, problems_of
from portal.organizations.kinds import PARENTS, Kind
from portal.organizations.models import Organization
from portal.organizations.problems import Problem
from portal.organizations.services.records import CONTACT_FIELDS, DATA_FIELDS
from portal.ui.widgets import SearchSelect


class RecordForm(forms.Form):
    """A form for `record` that carries the version it was opened at."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, actor: Actor, record: Any, data: Mapping[str, Any] | None = None) -> None:
        self.actor, self.record = actor, record
        super().__init__(data, initial=self.opened_with())

    def opened_with(self) -> dict[str, Any]:
        return {"version": self.record.version}


class DataForm(RecordForm):
    """A form over `names`, fields of the record's model. All that is wrong is said at once, beside the fields."""

    names: Sequence[str] = ()
    widgets: Mapping[str, forms.Widget] = {}

    def __init__(self, actor: Actor, record: models.Model, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(actor, record, data)
        made = fields_for_model(type(record), self.names, widgets=dict(self.widgets))
        self.fields = {**made, **self.fields}

    def opened_with(self) -> dict[str, Any]:
        return {**super().opened_with(), **model_to_dict(self.record, self.names)}

    def problems(self, given: Mapping[str, Any]) -> Iterable[Problem]:
        """What is wrong with what was typed."""
        return ()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for each in self.problems(given):
            if each.blocks and each.field in self.fields and each.field not in self.errors:
                self.add_error(each.field, each.message)
        return given


class OrganizationForm(DataForm):
    names: Sequence[str] = DATA_FIELDS

    def problems(self, given: Mapping[str, Any]) -> list[Problem]:
        kept = {name: getattr(self.record, name) for name in ("kind", "name", *DATA_FIELDS)}
        typed = {name: value for name, value in given.items() if name in kept}
        return problems_of(Organization(**{**kept, **clean_data(typed)}))


class ContactForm(OrganizationForm):
    names: Sequence[str] = CONTACT_FIELDS


class CreateForm(OrganizationForm):
    """A new organisation under the record, which is its superior."""

    names: Sequence[str] = ("kind", "name", *DATA_FIELDS)

    def __init__(self, actor: Actor, record: Organization, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(actor, record, data)
        del self.fields["version"]
        allowed = [kind for kind in Kind if record.kind in PARENTS[kind]]
        self.fields["kind"] = forms.ChoiceField(
            label=_("机构类别"), choices=[(each, each.label) for each in allowed]
        )

    def opened_with(self) -> dict[str, Any]:
        return {"region_code": self.record.region_code}

    def problems(self, given: Mapping[str, Any]) -> list[Problem]:
        typed = {name: value for name, value in given.items() if name in {"name", *DATA_FIELDS}}
        return problems_of(Organization(kind=given.get("kind", Kind.SCHOOL), **clean_data(typed)))


class ReasonForm(RecordForm):
    reason = forms.CharField(label=_("理由"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500)


class RenameForm(ReasonForm):
    name = forms.CharField(label=_("新名称"), max_length=100)
    field_order = ("name", "reason")


class _ChoosingForm(ReasonForm):
    """A reason and another organisation in the actor's reach."""

    chosen = "into"

    def __init__(self, actor: Actor, record: Organization, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(actor, record, data)
        field = self.fields[self.chosen]
        reach = Organization.objects.active()
        if actor.organization is not None:
            reach = reach.under(actor.organization.reach)
        field.queryset = self.offered(reach).exclude(pk=record.pk).order_by("path")  # type: ignore[attr-defined]

    def offered(self, reach: Any) -> Any:
        return reach.of(Kind(self.record.kind))


class MergeForm(_ChoosingForm):
    into = forms.ModelChoiceField(Organization.objects.none(), label=_("并入"), widget=SearchSelect)
    field_order = ("into", "reason")


class MoveForm(_ChoosingForm):
    chosen = "parent"
    parent = forms.ModelChoiceField(Organization.objects.none(), label=_("新的上级机构"), widget=SearchSelect)
    field_order = ("parent", "reason")

    def offered(self, reach: Any) -> Any:
        return reach.of(*PARENTS[Kind(self.record.kind)])
