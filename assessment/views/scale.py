"""The editors of the grade scale and of what inspections score: their forms and their pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from assessment.services import inspection_items as items
from assessment.services.scale import FIELDS, TABLE, edit_grades
from portal.rulebook.models import Rulebook
from portal.rulebook.row_forms import RowForm
from portal.rulebook.views.editing import manager_page
from portal.rulebook.views.rows import RowEditor, edit_rows
from portal.ui.pages import PageRequest


class GradeForm(RowForm):
    """People write the cap in per cent; it is kept as a share."""

    code = forms.SlugField(label=_("代号"), max_length=16, help_text=_("字母、数字、下划线；保存后不再改"))
    name = forms.CharField(label=_("等级"), max_length=20)
    passing = forms.BooleanField(label=_("合格"), required=False, help_text=_("不勾选即为未通过"))
    cap = forms.DecimalField(
        label=_("比例上限（%）"),
        required=False,
        min_value=Decimal("0.1"),
        max_value=100,
        decimal_places=1,
        help_text=_("占全班人数的百分比；不填为不限"),
    )

    def row(self) -> dict[str, Any]:
        cap: Decimal | None = self.cleaned_data["cap"]
        return super().row() | {"cap": None if cap is None else cap / 100}


class ItemForm(RowForm):
    asks = forms.CharField(label=_("视导要点"), required=False, widget=forms.Textarea({"rows": 3}))
    points = forms.IntegerField(
        label=_("分值"), min_value=1, max_value=items.WHOLE, help_text=_("各项合计应为100分")
    )


def initial(rulebook: Rulebook) -> list[dict[str, Any]]:
    rows = list(TABLE.stored(rulebook).values("code", *FIELDS))
    return [row | {"cap": row["cap"] and (row["cap"] * 100).quantize(Decimal("0.1"))} for row in rows]


@manager_page
def grades(request: PageRequest, pk: int) -> HttpResponse:
    """Change the grade scale of the programme."""
    return edit_rows(request, pk, RowEditor(TABLE.title, edit_grades, GradeForm, initial))


def initial_items(rulebook: Rulebook) -> list[dict[str, Any]]:
    return list(items.TABLE.stored(rulebook).values("code", *items.FIELDS))


@manager_page
def inspection_items(request: PageRequest, pk: int) -> HttpResponse:
    """Change what inspections score, and with how many points."""
    return edit_rows(request, pk, RowEditor(items.TABLE.title, items.edit_items, ItemForm, initial_items))
