"""Forms of registration and of what follows. They shape input; the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import Enrollment
from programs.models import TrainingClass

_PRIVATE = {"autocomplete": "off", "data-private": ""}


class CodeForm(forms.Form):
    """What opens registration: the code, and the end of one's ID number; beside a class's code the name too."""

    code = forms.CharField(
        label=gettext_lazy("验证码"),
        max_length=40,
        widget=forms.TextInput(
            {**_PRIVATE, "autocapitalize": "characters", "spellcheck": "false", "inputmode": "text"}
        ),
        help_text=gettext_lazy("报名卡上的16位验证码，大小写和短横线均可。"),
    )
    tail = forms.CharField(
        label=gettext_lazy("身份证件号后4位"),
        min_length=4,
        max_length=6,
        widget=forms.TextInput(_PRIVATE),
        help_text=gettext_lazy("最后一位是X的请填X；使用班级验证码时请填后6位。"),
    )
    name = forms.CharField(
        label=gettext_lazy("姓名"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("只有使用班级验证码时需要填写。"),
    )


class AccountForm(forms.Form):
    """The trainee's account."""

    username = forms.CharField(
        label=gettext_lazy("用户名"), required=False, max_length=60, widget=forms.TextInput(_PRIVATE)
    )
    password = forms.CharField(
        label=gettext_lazy("密码"),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=gettext_lazy("至少8位，含字母、数字、符号中的三类；不要用姓名或手机号。"),
    )
    again = forms.CharField(
        label=gettext_lazy("再次输入密码"), widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def __init__(self, enrollment: Enrollment, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        phone = enrollment.teacher.masked_phone
        self.fields["username"].required = not phone
        self.fields["username"].help_text = (
            _("不填则用手机号%(phone)s登录。") % {"phone": phone} if phone else _("以后用它登录，请记牢。")
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("password") != given.get("again"):
            self.add_error("again", _("两次输入的密码不一致，请重新输入。"))
        return given


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=500, widget=forms.Textarea({"rows": 3}))


class OpinionForm(forms.Form):
    opinion = forms.CharField(
        label=gettext_lazy("推荐学校意见"),
        max_length=200,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("印在推荐表上，不超过200字；打印后加盖公章。"),
    )


class PlaceForm(forms.Form):
    training_class = forms.ModelChoiceField(
        label=gettext_lazy("班级"), queryset=TrainingClass.objects.none(), empty_label=None
    )

    def __init__(self, enrollment: Enrollment, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = TrainingClass.objects.published().filter(project=enrollment.project_id)
        self.fields["training_class"].queryset = rows  # type: ignore[attr-defined]
