"""What people type about leave and grades."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessment.models import Session
from enrollment.models import Enrollment


class LeaveForm(forms.Form):
    """From which half-day to which, and why."""

    first = forms.ModelChoiceField(label=_("自"), queryset=Session.objects.none(), empty_label=None)
    last = forms.ModelChoiceField(label=_("至（含）"), queryset=Session.objects.none(), empty_label=None)
    reason = forms.CharField(label=_("事由"), max_length=500, widget=forms.Textarea({"rows": 3}))

    def __init__(self, enrollment: Enrollment, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Session.objects.filter(training_class=enrollment.training_class_id).order_by("starts_at")
        for name in ("first", "last"):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]


class DecisionForm(forms.Form):
    opinion = forms.CharField(
        label=_("审批意见"),
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("不批准时必填，学员会看到。"),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea({"rows": 3}))


class PasteForm(forms.Form):
    """Lines copied from a spreadsheet."""

    text = forms.CharField(
        label=_("从表格粘贴"),
        strip=False,
        max_length=100_000,
        widget=forms.Textarea({"rows": 12, "class": "form-control"}),
        help_text=_(
            "每行一人：姓名、学习表现、培训成果、等级、评语，以制表符或逗号分隔；从 Excel 或 WPS 选中后直接粘贴。"
            "姓名相同的学员请在表格中逐人填写。"
        ),
    )
