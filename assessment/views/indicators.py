"""The editor of the performance scheme: its form and its page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from assessment.services.indicators import FIELDS, TABLE, edit_indicators
from portal.rulebook.models import Rulebook
from portal.rulebook.row_forms import RowForm
from portal.rulebook.views.editing import manager_page
from portal.rulebook.views.rows import RowEditor, edit_rows
from portal.ui.pages import PageRequest


class IndicatorForm(RowForm):
    """People write the share in per cent; it is kept as a share."""

    numerator = forms.SlugField(label=_("分子（数据代号）"), max_length=32)
    denominator = forms.SlugField(label=_("分母（数据代号）"), max_length=32)
    weight = forms.DecimalField(
        label=_("权重（分）"), min_value=Decimal("0.01"), max_digits=5, decimal_places=2
    )
    target = forms.DecimalField(
        label=_("满分值（%）"),
        min_value=Decimal("0.1"),
        max_value=1000,
        decimal_places=1,
        help_text=_("达到此比例即得满分"),
    )

    def row(self) -> dict[str, Any]:
        return super().row() | {"target": self.cleaned_data["target"] / 100}


def initial(rulebook: Rulebook) -> list[dict[str, Any]]:
    rows = list(TABLE.stored(rulebook).values("code", *FIELDS))
    return [row | {"target": (row["target"] * 100).quantize(Decimal("0.1"))} for row in rows]


@manager_page
def indicators(request: PageRequest, pk: int) -> HttpResponse:
    """Change how performance is reckoned."""
    return edit_rows(request, pk, RowEditor(TABLE.title, edit_indicators, IndicatorForm, initial))
