"""Forms of plans, opening notices and what is handed in. They shape input; the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.widgets import FilesField, FilesInput
from programs.models import NeedsSummary, OpeningNotice, TrainingPlan
from programs.services import notices, plans

ACCEPTED = ".pdf,.jpg,.jpeg,.png,.docx,.xlsx"
FILES_HINT = _("PDF、JPG、PNG、Word（docx）或Excel（xlsx），每个不超过20MB，可多选。")


def files_field() -> FilesField:
    return FilesField(
        label=_("附件"), required=False, help_text=FILES_HINT, widget=FilesInput({"accept": ACCEPTED})
    )


class ShownForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose values the services check and write: it must not change the instance it shows."""

    def _post_clean(self) -> None:
        """Leave the instance alone."""

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class NeedsForm(ShownForm):
    class Meta:
        model = NeedsSummary
        fields = plans.NEEDS_FIELDS
        widgets = {
            "surveyed_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "findings": forms.Textarea({"rows": 4}),
            "response": forms.Textarea({"rows": 4}),
        }


class PlanForm(ShownForm):
    attachments = files_field()

    class Meta:
        model = TrainingPlan
        fields = plans.PLAN_FIELDS
        widgets = {
            name: forms.Textarea({"rows": 4})
            for name in plans.PLAN_FIELDS
            if name not in ("leader", "leader_phone", "chief_expert")
        }


class NoticeForm(ShownForm):
    class Meta:
        model = OpeningNotice
        fields = notices.FIELDS
        widgets = {
            name: forms.Textarea({"rows": 3 if name != "content" else 8})
            for name in notices.FIELDS
            if name != "signed"
        }


class CorrectionForm(NoticeForm):
    reason = forms.CharField(
        label=_("更正理由"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("写明改了什么：学员、所在学校和区县会随通知收到。"),
    )

    field_order = ("reason",)


class HandInForm(forms.Form):
    title = forms.CharField(label=_("标题"), max_length=120)
    text = forms.CharField(
        label=_("内容"),
        widget=forms.Textarea({"rows": 6}),
        required=False,
        help_text=_("可直接填写，也可只上传附件。"),
    )
    attachments = files_field()

    @property
    def given(self) -> dict[str, Any]:
        """What the services take."""
        named = {"title": self.cleaned_data["title"], "text": self.cleaned_data["text"]}
        return {**named, "files": self.cleaned_data["attachments"]}


class OpinionForm(forms.Form):
    opinion = forms.CharField(label=_("退回理由"), widget=forms.Textarea({"rows": 2}), max_length=500)
