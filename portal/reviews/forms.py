"""What a reviewer fills in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Membership, User
from portal.operations.actor import Actor
from portal.reviews.models import OUTSIDERS, Review, Verdict


class OpinionForm(forms.Form):
    opinion = forms.CharField(
        label=_("审核意见"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReasonForm(forms.Form):
    opinion = forms.CharField(
        label=_("理由"),
        help_text=_("报送单位会看到这段话，请写明哪里不符、应如何修改。"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DecisionForm(OpinionForm):
    """The service says which verdicts need an opinion. `version` is the one the reviewer saw."""

    verdict = forms.ChoiceField(label=_("结论"), choices=Verdict, widget=forms.RadioSelect)
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ["verdict", "opinion", "version"]


class DelegationForm(forms.Form):
    """Colleagues by choice; a person of another organisation by user name."""

    colleague = forms.ModelChoiceField(
        User.objects.none(), label=_("本单位同事"), required=False, empty_label=_("请选择")
    )
    username = forms.CharField(
        label=_("其他单位人员的用户名"), required=False, help_text=_("不委托给同事时填写。"), max_length=64
    )
    reason = forms.CharField(label=_("委托说明"), required=False, max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["colleague"].queryset = colleagues(actor)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        data["to"] = data.get("colleague") or self._other(data.get("username") or "")
        return data

    def _other(self, username: str) -> User | None:
        if not username:
            self.add_error("colleague", _("请选择一位同事，或填写其他单位人员的用户名。"))
            return None
        person: User | None = User.objects.filter(username=username, is_active=True).first()
        if person is None:
            self.add_error("username", _("没有此用户名。请向对方核对用户名。"))
        return person


def colleagues(actor: Actor) -> QuerySet[User]:
    """Active people with a staff role in the actor's organisation, without the actor."""
    held = Membership.objects.current().filter(organization=actor.organization).exclude(role__in=OUTSIDERS)
    people: QuerySet[User] = User.objects.filter(is_active=True).filter(pk__in=held.values("user_id"))
    return people.exclude(pk=actor.user_id or 0).order_by("name")


def decision_form(review: Review) -> DecisionForm:
    """An empty form for the review as it is now."""
    return DecisionForm(initial={"version": review.version, "verdict": Verdict.APPROVE})
