"""Forms of quotas."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.organizations.models import Organization


class TransferForm(forms.Form):
    target = forms.ModelChoiceField(label=_("调入单位"), queryset=Organization.objects.none())
    seats = forms.IntegerField(label=_("名额"), min_value=1, max_value=100_000)
    reason = forms.CharField(label=_("理由"), max_length=200)

    def __init__(self, siblings: QuerySet[Organization], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].queryset = siblings  # type: ignore[attr-defined]
