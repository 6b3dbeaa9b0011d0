"""Forms of teachers' records and transfers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import clock
from portal.names import mask_id, mask_phone
from portal.operations.actor import Actor
from portal.organizations.employers import EMPLOYERS
from portal.organizations.forms import DataForm, ReasonForm
from portal.organizations.models import Organization
from portal.organizations.problems import Problem
from portal.people.checks import DATA_FIELDS, OWN_FIELDS, clean_data, complete_from_itself, problems_of
from portal.people.codes import ETHNICITIES, DocumentType
from portal.people.models import Teacher
from portal.ui.widgets import DateInput, SearchSelect

_ETHNICITIES = [("", "---------"), *ETHNICITIES.items()]
# Numbers are never filled into a form: what stays empty stays as it is.
_SECRET = {"id_number": mask_id, "phone": mask_phone}


class TeacherForm(DataForm):
    """The record's data; a trainee gets the own part of it."""

    names: Sequence[str] = DATA_FIELDS
    widgets = {
        "id_number": forms.TextInput(attrs={"autocomplete": "off", "data-private": "1"}),
        "phone": forms.TextInput(attrs={"inputmode": "tel"}),
        "birth_date": DateInput(),
        "teaching_since": DateInput(),
        "ethnicity": SearchSelect(choices=_ETHNICITIES),
        "resume": forms.Textarea(attrs={"rows": 6}),
        "achievements": forms.Textarea(attrs={"rows": 6}),
    }

    def __init__(self, actor: Actor, record: Teacher, data: Mapping[str, Any] | None = None) -> None:
        if actor.is_trainee:
            self.names = OWN_FIELDS
        super().__init__(actor, record, data)
        for name in _SECRET.keys() & self.fields.keys():
            self._keep_secret(name)

    def _keep_secret(self, name: str) -> None:
        shown = _SECRET[name](getattr(self.record, name))
        if shown:
            self.fields[name].required = False
            self.fields[name].help_text = _("现为%(shown)s。不修改请留空。") % {"shown": shown}

    def opened_with(self) -> dict[str, Any]:
        return {name: value for name, value in super().opened_with().items() if name not in _SECRET}

    def clean(self) -> dict[str, Any]:
        """Leave out the numbers that were left empty."""
        given = super().clean()
        return {name: value for name, value in given.items() if value or name not in _SECRET}

    def problems(self, given: Mapping[str, Any]) -> list[Problem]:
        typed = {
            name: value
            for name, value in given.items()
            if name in DATA_FIELDS and (value or name not in _SECRET)
        }
        kept = {name: getattr(self.record, name) for name in DATA_FIELDS}
        teacher = Teacher(school=self.record.school, **{**kept, **clean_data(typed)})
        complete_from_itself(teacher)
        return problems_of(teacher, clock.today())


class CreateTeacherForm(TeacherForm):
    """A new record of a school's teacher."""

    def __init__(self, actor: Actor, record: Organization, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(actor, Teacher(school=record), data)
        del self.fields["version"]


class TransferForm(ReasonForm):
    """To which school the teacher goes: found by its full name or code, for other districts' schools are not listed."""

    target = forms.CharField(
        label=gettext_lazy("调入学校"), help_text=gettext_lazy("填写学校全称或10位学校标识码。")
    )
    field_order = ("target", "reason")

    def __init__(self, actor: Actor, record: Teacher, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(actor, record, data)
        del self.fields["version"]

    def clean_target(self) -> Organization:
        given = self.cleaned_data["target"].strip()
        schools = Organization.objects.active().of(*EMPLOYERS)
        found = list(schools.filter(school_code=given)[:2]) or list(schools.filter(name=given)[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                _("没有找到唯一的学校。请核对全称，或填写学校标识码。")
                if found
                else _("没有这所学校。请核对全称或学校标识码。")
            )
        return found[0]


class TransferInForm(forms.Form):
    document_type = forms.ChoiceField(label=gettext_lazy("身份证件类型"), choices=DocumentType.choices)
    number = forms.CharField(
        label=gettext_lazy("身份证件号"), max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    reason = forms.CharField(
        label=gettext_lazy("事由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, actor: Actor, record: Organization, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)


class RefusalForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("不同意的原因"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class RevealForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("查看原因"), max_length=200)
