"""Forms of results: they shape input; the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessment.models import GradeLevel, Result
from assessment.national import FIELDS
from assessment.services.opinions import LONGEST, SUGGESTED


class CorrectionForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    level = forms.ModelChoiceField(GradeLevel.objects.none(), label=_("更正为"))
    reason = forms.CharField(
        label=_("更正理由"), widget=forms.Textarea({"rows": 3}), help_text=_("留痕，并告知学员和单位")
    )

    def __init__(self, *args: Any, result: Result, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"version": result.version, "level": result.level_id}
        self.fields["level"].queryset = result.rulebook.grade_levels.select_related("clause__notice")  # type: ignore[attr-defined]


class RepublishForm(forms.Form):
    reason = forms.CharField(
        label=_("重新公布的理由"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("留痕，并告知结果有变化的学员、所在学校、区县和项目办"),
    )


class BaseOpinionForm(forms.Form):
    opinion = forms.CharField(label=_("培训考核意见"), max_length=LONGEST, widget=forms.Textarea({"rows": 4}))


class OpinionsForm(forms.Form):
    template = forms.CharField(
        label=_("意见模板"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 4}),
        initial=SUGGESTED,
        help_text=_("可用变量：{姓名}、{班级}、{等级}、{学时}、{出勤率}、{得分}"),
    )
    overwrite = forms.BooleanField(label=_("覆盖已填写的意见"), required=False)


class ExportForm(forms.Form):
    reason = forms.CharField(label=_("用途"), initial=_("导入全国教师管理信息系统"))


class ImportedForm(forms.Form):
    note = forms.CharField(label=_("说明"), required=False, help_text=_("如：批次号、未导入人员及原因"))


class LayoutForm(forms.Form):
    """A number for each column: its place; empty leaves it out."""

    def __init__(self, *args: Any, columns: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, (title, required, _read) in FIELDS.items():
            place = columns.index(key) + 1 if key in columns else None
            self.fields[key] = forms.IntegerField(
                label=title, required=required, min_value=1, max_value=99, initial=place
            )

    def columns(self) -> list[str]:
        """The chosen columns in the order of their numbers."""
        given = {key: place for key, place in self.cleaned_data.items() if place}
        return sorted(given, key=lambda key: given[key])
