"""Forms of projects and classes. They shape input; the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.people.codes import Stage
from portal.ui.widgets import DateInput
from programs.models import Audience, Category, Program, Project, TrainingClass
from programs.services.projects import AUDIENCE_FIELDS, FIELDS


class WordsField(forms.CharField):
    """Words separated by 、 , ; or spaces, as a list."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        text = super().to_python(value) or ""
        for mark in "，,；;\n\t ":
            text = text.replace(mark, "、")
        return [each for each in text.split("、") if each]

    def prepare_value(self, value: Any) -> Any:
        return "、".join(value) if isinstance(value, list) else value


class ProjectForm(forms.ModelForm):  # type: ignore[type-arg]
    """A project and its audience on one page. `values` and `audience` are what the services take."""

    stages = forms.MultipleChoiceField(
        label=_("学段"), choices=Stage.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    school_kinds = forms.MultipleChoiceField(
        label=_("学校类别"),
        choices=[(Kind.SCHOOL.value, Kind.SCHOOL.label), (Kind.COLLEGE.value, Kind.COLLEGE.label)],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    subjects = WordsField(label=_("专业"), required=False, help_text=_("多个专业用顿号隔开；不填表示不限"))
    min_title_level = forms.ChoiceField(label=_("最低职称级别"), required=False)
    min_years = forms.IntegerField(label=_("最低教龄（年）"), min_value=0, max_value=50, required=False)
    max_age = forms.IntegerField(label=_("最高年龄（岁）"), min_value=18, max_value=70, required=False)
    posts = WordsField(label=_("职务"), required=False, help_text=_("多个职务用顿号隔开；不填表示不限"))
    double_qualified = forms.BooleanField(label=_("须为双师型教师"), required=False)
    text = forms.CharField(
        label=_("培训对象及条件（原文）"), widget=forms.Textarea({"rows": 2}), required=False
    )
    reason = forms.CharField(label=_("修改理由"), required=False, help_text=_("计划发布后修改须填写，会留痕"))

    class Meta:
        model = Project
        fields = FIELDS
        widgets = {"goal": forms.Textarea({"rows": 2}), "content": forms.Textarea({"rows": 3})}

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.filter(program=program)  # type: ignore[attr-defined]
        bases = Organization.objects.active().under(program.office.reach).of(Kind.BASE)
        self.fields["base"].queryset = bases  # type: ignore[attr-defined]
        levels = Audience._meta.get_field("min_title_level").choices or []
        self.fields["min_title_level"].choices = [("", _("不限")), *levels]  # type: ignore[attr-defined]
        if program.rulebook.published_at is None:
            del self.fields["reason"]
        audience = getattr(self.instance, "audience", None) if self.instance.pk else None
        for name in AUDIENCE_FIELDS if audience else ():
            self.fields[name].initial = getattr(audience, name)

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS}

    @property
    def audience(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in AUDIENCE_FIELDS}

    def _post_clean(self) -> None:
        """The services check and write; a form must not change the instance it shows."""


CLASS_FIELDS = ("name", "starts_on", "ends_on", "place", "capacity", "contact_name", "contact_phone")


class ClassForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = TrainingClass
        fields = CLASS_FIELDS
        widgets = {
            "starts_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }

    def _post_clean(self) -> None:
        """The services check and write; a form must not change the instance it shows."""


class ClassTeacherForm(forms.Form):
    user = forms.ModelChoiceField(
        label=_("班主任"), queryset=User.objects.none(), required=False, empty_label=_("暂不指定")
    )

    def __init__(self, base: Organization, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.holding(Role.CLASS_TEACHER, base)  # type: ignore[attr-defined]


class ConsentForm(forms.Form):
    until = forms.DateField(
        label=_("补编截止日期"), widget=DateInput, help_text=_("当日24时前须发布；逾期须再次同意")
    )
    reason = forms.CharField(label=_("理由"), widget=forms.Textarea({"rows": 2}))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("理由"), widget=forms.Textarea({"rows": 2}))
