"""Changing the single values of a rulebook: days of reminders, and what else the notice or the office sets."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _t

from portal.rulebook.facts import Fact, facts, shown
from portal.rulebook.forms import ChangeForm
from portal.rulebook.models import Rulebook
from portal.rulebook.services.facts import edit_facts
from portal.rulebook.views.editing import edit_page, manager_page
from portal.rulebook.views.reading import seen
from portal.ui.pages import PageRequest, submit

SEPARATORS = re.compile(r"[\s,，、;；]+")


class DaysField(forms.CharField):
    """Several numbers in one line, such as 1、3."""

    def prepare_value(self, value: Any) -> Any:
        return shown(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[int]:
        found = [each for each in SEPARATORS.split(super().clean(value)) if each]
        if not all(each.isdecimal() for each in found):
            raise ValidationError(_t("请填写天数，几个天数用顿号隔开，如：1、3"))
        return [int(each) for each in found]


class FactsForm(ChangeForm):
    """A field for each declared value, of its type."""

    def __init__(self, *args: Any, rulebook: Rulebook, **kwargs: Any) -> None:
        initial = {"version": rulebook.version} | {each.name: each.of(rulebook) for each in facts()}
        super().__init__(*args, rulebook=rulebook, initial=initial, **kwargs)
        self.fields = {each.name: _field(each) for each in facts()} | self.fields

    def values(self) -> dict[str, Any]:
        return {each.name: self.cleaned_data[each.name] for each in facts()}


def _field(each: Fact[Any]) -> forms.Field:
    shared: dict[str, Any] = {"label": each.label, "help_text": each.hint}
    if isinstance(each.default, bool):
        return forms.BooleanField(required=False, **shared)
    if isinstance(each.default, int):
        return forms.IntegerField(min_value=each.least, max_value=each.most, **shared)
    if isinstance(each.default, tuple):
        return DaysField(max_length=60, **shared)
    return forms.CharField(required=False, max_length=500, widget=forms.Textarea({"rows": 2}), **shared)


@manager_page
def edit(request: PageRequest, pk: int) -> HttpResponse:
    """Change them all together; what stays as it was is no change."""
    rulebook = get_object_or_404(seen(request), pk=pk)
    form = FactsForm(request.POST or None, rulebook=rulebook)
    if form.is_bound and form.is_valid():
        saved = submit(
            request, form, edit_facts, rulebook, version=form.seen, values=form.values(), why=form.why()
        )
        if saved is not None:
            messages.success(request, _t("已保存。"))
            return HttpResponseRedirect(reverse("rulebook:detail", args=[rulebook.pk]))
    return edit_page(request, form, rulebook, _t("时限与其他事项"))
