"""Forms for the rows of the tables that apps hold: one form a row, the last one empty for a row to add."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.rulebook.forms import offer_clauses
from portal.rulebook.models import Clause, Rulebook
from portal.rulebook.parameters import LinesField
from portal.ui.widgets import SearchSelect

MOST_ROWS = 60


class RowForm(forms.Form):
    """Code, name and clause; an app's form adds the fields of its own between them.

    The code of a stored row is read-only: by it the row is known, and a new code would be a new row.
    """

    code = forms.SlugField(label=_("代号"), max_length=32, help_text=_("字母、数字、下划线；保存后不再改"))
    name = forms.CharField(label=_("名称"), max_length=60)
    clause = forms.ModelChoiceField(
        Clause.objects.none(), label=_("依据"), required=False, widget=SearchSelect
    )

    def __init__(self, *args: Any, rulebook: Rulebook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_clauses(self.fields["clause"], rulebook)
        self.order_fields([*(name for name in self.fields if name != "clause"), "clause"])
        if self.initial.get("code"):
            self.fields["code"].widget.attrs["readonly"] = True

    def row(self) -> dict[str, Any]:
        """The row's values, keyed by the model's fields."""
        return {name: self.cleaned_data[name] for name in self.fields if name != "DELETE"}


class ShortLinesField(LinesField):
    """Several short texts, one a line."""

    def __init__(self, *, longest: int, **kwargs: Any) -> None:
        self.longest = longest
        super().__init__(widget=forms.Textarea({"rows": 4}), **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value: Any) -> list[Any]:
        lines = super().clean(value)
        for line in lines:
            if len(line) > self.longest:
                raise forms.ValidationError(
                    _("“%(line)s”太长，每行最多%(most)d个字。")
                    % {"line": line[: self.longest], "most": self.longest}
                )
        return lines


def row_formset(form: type[RowForm]) -> type[Any]:
    """A formset of `form`: rows to change, to remove, and one to add."""
    return forms.formset_factory(form, extra=1, can_delete=True, max_num=MOST_ROWS)


def rows_of(formset: Any) -> list[dict[str, Any]]:
    """The rows in the order they are written, without those ticked for removal and the empty last one."""
    kept = [form for form in formset.forms if form.has_changed() or form.initial]
    return [form.row() for form in kept if not form.cleaned_data.get("DELETE")]
