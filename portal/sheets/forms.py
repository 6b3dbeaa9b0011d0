"""The form by which a sheet is uploaded."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("填好的表格"),
        help_text=_("仅限 .xlsx 格式，不超过10 MB；.xls、.et 请先另存为 .xlsx。"),
        allow_empty_file=True,
        error_messages={"required": _("请选择填好的 .xlsx 文件。")},
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
