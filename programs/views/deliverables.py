"""The editors of what bases owe for each class and of the categories of projects: their forms and their pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from portal.rulebook.models import Rulebook
from portal.rulebook.row_forms import RowForm
from portal.rulebook.views.editing import manager_page
from portal.rulebook.views.rows import RowEditor, edit_rows
from portal.ui.pages import PageRequest
from programs.models import Anchor
from programs.services import categories as kinds
from programs.services.deliverables import FIELDS, TABLE, edit_deliverables

FURTHEST_DAYS = 400


class DeliverableForm(RowForm):
    anchor = forms.ChoiceField(label=_("基准日"), choices=[("", _("请选择")), *Anchor.choices])
    offset_days = forms.IntegerField(
        label=_("偏移天数"),
        min_value=-FURTHEST_DAYS,
        max_value=FURTHEST_DAYS,
        help_text=_("负数表示基准日之前，如开班前10天填 -10"),
    )
    minimum = forms.IntegerField(label=_("最少份数"), min_value=1, max_value=99)


def initial(rulebook: Rulebook) -> list[dict[str, Any]]:
    return list(TABLE.stored(rulebook).values("code", *FIELDS))


@manager_page
def deliverables(request: PageRequest, pk: int) -> HttpResponse:
    """Change what bases owe for each class of the programme."""
    return edit_rows(request, pk, RowEditor(TABLE.title, edit_deliverables, DeliverableForm, initial))


class CategoryForm(RowForm):
    code = forms.SlugField(label=_("代号"), max_length=16, help_text=_("字母、数字、下划线；保存后不再改"))


def initial_categories(rulebook: Rulebook) -> list[dict[str, Any]]:
    return list(kinds.TABLE.stored(rulebook).values("code", *kinds.FIELDS))


@manager_page
def categories(request: PageRequest, pk: int) -> HttpResponse:
    """Change the categories of the programme's projects."""
    editor = RowEditor(kinds.TABLE.title, kinds.edit_categories, CategoryForm, initial_categories)
    return edit_rows(request, pk, editor)
