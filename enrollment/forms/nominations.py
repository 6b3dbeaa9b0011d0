"""What people fill in about nominations and sheets. They shape input; the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.reviews.models import Verdict

# What reviewers write most often.
OPINIONS = (
    _("任教专业与项目要求不符，请核对后重新推荐。"),
    _("职称与证书不一致，请更正档案后重新报送。"),
    _("个人信息不完整，请补充后重新报送。"),
    _("年龄或教龄不符合培训对象条件，请更换人选。"),
    _("近三年已参加同类培训，不再安排。"),
)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("理由"), max_length=200, widget=forms.Textarea({"rows": 2}))


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("更正说明"), max_length=200, required=False, help_text=_("写明更正了什么，审核人员会看到。")
    )


class ScanForm(forms.Form):
    scan = forms.FileField(
        label=_("盖章扫描件"),
        required=False,
        help_text=_("PDF、JPG或PNG，不超过20MB。请打印推荐汇总表，盖章后扫描或拍照。"),
        widget=forms.ClearableFileInput({"accept": ".pdf,.jpg,.jpeg,.png"}),
    )


class DecisionForm(forms.Form):
    """The verdict is the button pressed; the opinion is typed, or one of the ready ones."""

    verdict = forms.ChoiceField(choices=Verdict.choices)
    version = forms.IntegerField(widget=forms.HiddenInput)
    ready = forms.ChoiceField(
        label=_("常用意见"),
        required=False,
        choices=[("", _("不使用")), *((each, each) for each in OPINIONS)],
    )
    opinion = forms.CharField(
        label=_("审核意见"),
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("退回或不通过须写明理由，推荐单位会看到。"),
    )

    @property
    def decision(self) -> dict[str, Any]:
        """verdict, opinion, version: as the service takes them."""
        data = self.cleaned_data
        return {
            "verdict": data["verdict"],
            "opinion": data["opinion"] or data["ready"],
            "version": data["version"],
        }
