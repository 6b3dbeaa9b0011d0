"""Forms of the calendar, the rules, the review chains and the demo clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.choices import BaseChoiceIterator
from django.utils.translation import gettext_lazy as _

from portal.accounts.roles import Role
from portal.memo import once_a_page
from portal.organizations.kinds import Kind
from portal.rulebook.models import Clause, Phase, Rule, Rulebook, Severity
from portal.rulebook.parameters import parameter_fields, parameters_of
from portal.rulebook.services.amending import Why
from portal.rulebook.services.chains import Step
from portal.ui.widgets import DateTimeInput, SearchSelect


class ClosingField(forms.DateTimeField):
    """A closing time entered to the minute: the window is open to the end of that minute, so 23:59 is the whole day."""

    widget = DateTimeInput

    def clean(self, value: Any) -> datetime | None:
        moment = super().clean(value)
        return moment.replace(second=59, microsecond=999_999) if moment else None


class ChangeForm(forms.Form):
    """A change to a rulebook: carries the version that was read and, once it is published, asks why."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, rulebook: Rulebook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rulebook = rulebook
        if rulebook.is_published:
            self.fields["reason"] = forms.CharField(
                label=_("变更理由"),
                max_length=500,
                widget=forms.Textarea({"rows": 3}),
                help_text=_("计划已经发布：理由会公示，并通知各单位。"),
            )
            self.fields["effective_at"] = forms.DateTimeField(
                label=_("生效时间"),
                required=False,
                widget=DateTimeInput,
                help_text=_("决定作出的时间；不填为现在。变更一经确认立即生效。"),
            )

    def why(self) -> Why:
        return Why(self.cleaned_data.get("reason", ""), self.cleaned_data.get("effective_at"))

    @property
    def seen(self) -> int:
        """The version that was read."""
        return int(self.cleaned_data["version"])


class PhaseForm(ChangeForm):
    name = forms.CharField(label=_("环节"), max_length=60)
    opens_at = forms.DateTimeField(
        label=_("开始"), required=False, widget=DateTimeInput, help_text=_("不填为不限")
    )
    closes_at = ClosingField(
        label=_("截止"), required=False, help_text=_("截止到该分钟结束；23:59 即当日24时")
    )
    actors = forms.CharField(label=_("办理单位"), max_length=100, required=False)
    clause = forms.ModelChoiceField(
        Clause.objects.none(), label=_("依据"), required=False, widget=SearchSelect
    )

    field_order: tuple[str, ...] = ("name", "opens_at", "closes_at", "actors", "clause")

    def __init__(self, *args: Any, rulebook: Rulebook, phase: Phase | None = None, **kwargs: Any) -> None:
        if phase:
            names = ("version", "name", "opens_at", "closes_at", "actors", "clause")
            kwargs["initial"] = {name: getattr(phase, name) for name in names}
        super().__init__(*args, rulebook=rulebook, **kwargs)
        offer_clauses(self.fields["clause"], rulebook)

    def values(self) -> dict[str, Any]:
        names = ("name", "opens_at", "closes_at", "actors", "clause")
        return {name: self.cleaned_data[name] for name in names}


class NewPhaseForm(PhaseForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    code = forms.SlugField(
        label=_("代号"), max_length=32, help_text=_("操作按代号认环节，如 nomination、registration")
    )

    field_order = ("code", *PhaseForm.field_order)

    def values(self) -> dict[str, Any]:
        return super().values() | {"code": self.cleaned_data["code"]}


class RuleForm(ChangeForm):
    """Severity, whether in force, and a typed field for each parameter of the rule's kind."""

    severity = forms.ChoiceField(label=_("效力"), choices=Severity.choices)
    active = forms.BooleanField(label=_("启用"), required=False)

    def __init__(self, *args: Any, rule: Rule, **kwargs: Any) -> None:
        self.rule = rule
        names = ("version", "severity", "active")
        kwargs["initial"] = {name: getattr(rule, name) for name in names}
        super().__init__(*args, rulebook=rule.rulebook, **kwargs)
        self.fields = parameter_fields(rule.kind, rule.parameters) | self.fields

    def values(self) -> dict[str, Any]:
        return {
            "parameters": parameters_of(self.rule.kind, self.cleaned_data),
            "severity": self.cleaned_data["severity"],
            "active": self.cleaned_data["active"],
        }


class NewRuleForm(forms.Form):
    """A rule of a kind that was chosen before, with its parameters."""

    severity = forms.ChoiceField(label=_("效力"), choices=Severity.choices)
    clause = forms.ModelChoiceField(
        Clause.objects.none(), label=_("依据"), required=False, widget=SearchSelect
    )

    def __init__(self, *args: Any, rulebook: Rulebook, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields = parameter_fields(kind, {}) | self.fields
        offer_clauses(self.fields["clause"], rulebook)

    def values(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "parameters": parameters_of(self.kind, self.cleaned_data),
            "severity": self.cleaned_data["severity"],
            "clause": self.cleaned_data["clause"],
        }


class StepForm(forms.Form):
    name = forms.CharField(label=_("步骤名称"), max_length=60)
    role = forms.ChoiceField(label=_("审核角色"), choices=[("", _("请选择")), *Role.choices])
    where = forms.ChoiceField(label=_("审核机构类别"), choices=[("", _("请选择")), *Kind.choices])
    days = forms.IntegerField(label=_("办理时限（天）"), min_value=1, max_value=365, required=False)

    def step(self) -> Step:
        return Step(**{name: self.cleaned_data[name] for name in ("name", "role", "where", "days")})


StepFormSet = forms.formset_factory(StepForm, extra=1, can_delete=True, max_num=9)


def steps_of(formset: Any) -> list[Step]:
    """The steps in the order they are written, without those ticked for removal and the empty last line."""
    kept = [form for form in formset.forms if form.has_changed() or form.initial]
    return [form.step() for form in kept if not form.cleaned_data.get("DELETE")]


class ClockForm(forms.Form):
    to = forms.DateTimeField(label=_("演示时间"), widget=DateTimeInput)


def offer_clauses(field: forms.Field, rulebook: Rulebook) -> None:
    """Let a field choose among the clauses of the rulebook's notice."""
    if isinstance(field, forms.ModelChoiceField):
        field.queryset = Clause.objects.filter(notice=rulebook.notice_id)
        field.choices = _clauses_of(rulebook.notice_id, field.empty_label)


class Ready(BaseChoiceIterator):
    """Pairs of value and word for many fields: none of them looks through them again for what it is given."""

    def __init__(self, pairs: Sequence[tuple[Any, Any]]) -> None:
        self._pairs = pairs

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return iter(self._pairs)


@once_a_page
def _clauses_of(notice: int, none: Any) -> Ready:
    """What every row of a page may cite, read once for all of them; `none` is the word for no clause, if that may be."""
    found = [(each.pk, str(each)) for each in Clause.objects.filter(notice=notice)]
    return Ready(found if none is None else [("", none), *found])
