"""What people fill in about accounts. What may be chosen depends on the actor; the services decide again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.translation import gettext_lazy as _

from portal.accounts.delegation import offered_roles
from portal.accounts.models import User
from portal.accounts.queries import invitable_organizations
from portal.accounts.roles import SEPARATED, Role
from portal.accounts.services.tokens import LIFETIMES
from portal.organizations.models import Organization

if TYPE_CHECKING:
    from portal.operations.actor import Actor


# Hundreds of organisations: found by typing, where there is script.
SEARCHED = forms.Select(attrs={"data-search": ""})


class ContactForm(forms.Form):
    """The particulars by which a person is known."""

    name = forms.CharField(label=_("姓名"), max_length=64)
    phone = forms.CharField(label=_("手机"), max_length=20, required=False)
    email = forms.EmailField(label=_("邮箱"), required=False)


class InviteForm(ContactForm):
    """Whom to invite, into which organisation and role."""

    organization = forms.ModelChoiceField(
        label=_("机构"), queryset=Organization.objects.none(), widget=SEARCHED
    )
    role = forms.ChoiceField(label=_("角色"))

    field_order = ["organization", "role", "name", "phone", "email"]

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = invitable_organizations(actor)  # type: ignore[attr-defined]
        self.fields["organization"].initial = actor.organization
        self.fields["role"].choices = [(role.value, role.label) for role in offered_roles(actor)]  # type: ignore[attr-defined]

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class UserForm(ContactForm):
    """A new account without any role."""

    username = forms.CharField(
        label=_("用户名"), max_length=64, help_text=_("3至64个汉字、字母、数字或 . @ + - _")
    )

    field_order = ["username", "name", "phone", "email"]


class GrantForm(forms.Form):
    """The role that an existing person gets."""

    organization = forms.ModelChoiceField(
        label=_("机构"), queryset=Organization.objects.none(), widget=SEARCHED
    )
    role = forms.ChoiceField(
        label=_("角色"), choices=[(role.value, role.label) for role in Role if role not in SEPARATED]
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = Organization.objects.visible_to(actor).active()
        self.fields["organization"].queryset = visible  # type: ignore[attr-defined]

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class ReasonForm(forms.Form):
    """Why something is taken away."""

    reason = forms.CharField(label=_("理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class AcceptForm(forms.Form):
    """The account that an invited person makes."""

    username = forms.CharField(
        label=_("用户名"),
        max_length=64,
        help_text=_("登录时使用，3至64个汉字、字母、数字或 . @ + - _"),
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=_("密码"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )
    again = forms.CharField(
        label=_("再输一次密码"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = password_validators_help_text_html()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            self.add_error("again", _("两次输入的密码不一致，请重新输入。"))
        return given


class TokenForm(forms.Form):
    """A token for one's own programs."""

    name = forms.CharField(label=_("用途"), max_length=40, help_text=_("例如“本校教务系统同步”"))
    days = forms.TypedChoiceField(
        label=_("有效期"),
        coerce=int,
        choices=[(days, _("%(days)s天") % {"days": days}) for days in LIFETIMES],
    )


def profile_form(user: User, data: Any = None) -> ContactForm:
    """The form of one's own particulars, filled with what is known."""
    return ContactForm(data, initial={"name": user.name, "phone": user.phone, "email": user.email})
