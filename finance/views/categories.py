"""The editors of the expense categories and of what a final account comes with: their forms and their pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from finance.services import checklist
from finance.services.categories import FIELDS, TABLE, edit_expense_categories
from portal.memo import once_a_page
from portal.rulebook.models import Rulebook
from portal.rulebook.row_forms import RowForm, ShortLinesField
from portal.rulebook.views.editing import manager_page
from portal.rulebook.views.rows import RowEditor, edit_rows
from portal.ui.pages import PageRequest


class CategoryForm(RowForm):
    allowed = forms.BooleanField(label=_("可列支"), required=False, help_text=_("不勾选即为不得列支"))
    items = ShortLinesField(
        label=_("常用细目"), required=False, help_text=_("每行一个；编制预算时预先列出，可增减"), longest=60
    )


class VoucherForm(RowForm):
    category_code = forms.ChoiceField(
        label=_("费用科目"), required=False, help_text=_("只在该科目有支出时才要求；不选为一律要求")
    )

    def __init__(self, *args: Any, rulebook: Rulebook, **kwargs: Any) -> None:
        super().__init__(*args, rulebook=rulebook, **kwargs)
        self.fields["category_code"].choices = [("", _("一律要求")), *_named(rulebook)]  # type: ignore[attr-defined]


@once_a_page
def _named(rulebook: Rulebook) -> list[tuple[str, str]]:
    """What a row may choose from; every row of the page offers the same."""
    return list(rulebook.expense_categories.filter(allowed=True).values_list("code", "name"))


def initial(rulebook: Rulebook) -> list[dict[str, Any]]:
    return list(TABLE.stored(rulebook).values("code", *FIELDS))


def initial_vouchers(rulebook: Rulebook) -> list[dict[str, Any]]:
    return list(checklist.TABLE.stored(rulebook).values("code", *checklist.FIELDS))


@manager_page
def expense_categories(request: PageRequest, pk: int) -> HttpResponse:
    """Change what may be charged to the programme and what not."""
    return edit_rows(request, pk, RowEditor(TABLE.title, edit_expense_categories, CategoryForm, initial))


@manager_page
def vouchers(request: PageRequest, pk: int) -> HttpResponse:
    """Change what a final account comes with."""
    editor = RowEditor(checklist.TABLE.title, checklist.edit_vouchers, VoucherForm, initial_vouchers)
    return edit_rows(request, pk, editor)
