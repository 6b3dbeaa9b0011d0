"""The editor of the expense categories: its form and its page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from finance.services.categories import FIELDS, TABLE, edit_expense_categories
from portal.rulebook.models import Rulebook
from portal.rulebook.row_forms import RowForm
from portal.rulebook.views.editing import manager_page
from portal.rulebook.views.rows import RowEditor, edit_rows
from portal.ui.pages import PageRequest


class CategoryForm(RowForm):
    allowed = forms.BooleanField(label=_("可列支"), required=False, help_text=_("不勾选即为不得列支"))


def initial(rulebook: Rulebook) -> list[dict[str, Any]]:
    return list(TABLE.stored(rulebook).values("code", *FIELDS))


@manager_page
def expense_categories(request: PageRequest, pk: int) -> HttpResponse:
    """Change what may be charged to the programme and what not."""
    return edit_rows(request, pk, RowEditor(TABLE.title, edit_expense_categories, CategoryForm, initial))
