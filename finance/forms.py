"""What people fill in about money. They shape input; the services decide."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from finance.models import Budget, BudgetLine, ExpenseCategory, FinalAccountLine
from finance.services.budgets import HEAD, LINE
from portal.rulebook.models import Rulebook
from portal.ui.widgets import DateInput, FilesField, FilesInput

ACCEPT = ".pdf,.jpg,.jpeg,.png"
FILE_HINT = _("PDF、JPG或PNG，每个不超过20MB。")
MOST_LINES = 120
YUAN = {"max_digits": 10, "decimal_places": 2}


class GrantForm(forms.Form):
    amount = forms.DecimalField(label=_("核定经费（元）"), max_digits=10, decimal_places=2)
    reason = forms.CharField(label=_("核定依据"), max_length=200, help_text=_("如经费下达文件的文号"))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("原因"), max_length=150, widget=forms.Textarea({"rows": 2}))


class BudgetHeadForm(forms.ModelForm):  # type: ignore[type-arg]
    """The form's head and foot. The account number is never shown again: left empty it stays what it was."""

    bank_account = forms.CharField(
        label=_("账号"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"data-private": "1", "autocomplete": "off"}),
    )

    class Meta:
        model = Budget
        fields = list(HEAD)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["bank_account"] = ""
        if self.instance.bank_account:
            hint = _t("已填写 %(account)s；不修改请留空。") % {"account": self.instance.masked_account}
            self.fields["bank_account"].help_text = hint
        self.kept = self.instance.bank_account

    def head(self) -> dict[str, Any]:
        """The fields as the service takes them."""
        return {**self.cleaned_data, "bank_account": self.cleaned_data["bank_account"] or self.kept}


class BudgetLineForm(forms.Form):
    """One line; a line without price and quantity is none."""

    category = forms.ModelChoiceField(
        ExpenseCategory.objects.none(), label=_("科目"), required=False, widget=forms.HiddenInput
    )
    item = forms.CharField(label=_("细目"), max_length=60, required=False)
    price = forms.DecimalField(label=_("单价（元）"), required=False, max_digits=10, decimal_places=2)
    price_unit = forms.CharField(label=_("计价单位"), max_length=20, required=False)
    count = forms.IntegerField(label=_("数量"), required=False, min_value=0, max_value=1_000_000)
    count_unit = forms.CharField(label=_("数量单位"), max_length=10, required=False)
    times = forms.IntegerField(label=_("次数"), required=False, min_value=0, max_value=1_000_000)
    times_unit = forms.CharField(label=_("次数单位"), max_length=10, required=False)
    amount = forms.DecimalField(label=_("金额（元）"), required=False, max_digits=12, decimal_places=2)
    note = forms.CharField(label=_("支出说明"), max_length=200, required=False)

    def __init__(
        self, *args: Any, categories: QuerySet[ExpenseCategory], names: dict[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        value = self["category"].value()
        self.category_name = names.get(str(getattr(value, "pk", value)), "")
        self.fields["category"].queryset = categories  # type: ignore[attr-defined]
        for name in ("price", "count", "times", "amount"):
            self.fields[name].widget = forms.TextInput({"inputmode": "decimal", "size": 7, "class": "num"})
        for name, size in (
            ("item", 14),
            ("price_unit", 6),
            ("count_unit", 4),
            ("times_unit", 4),
            ("note", 16),
        ):
            self.fields[name].widget.attrs["size"] = size
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label} {self.prefix}"

    @property
    def is_line(self) -> bool:
        return bool(self.cleaned_data.get("price") or self.cleaned_data.get("count"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not (data.get("price") or data.get("count")):
            return data
        for name in ("category", "item", "price", "price_unit", "count", "count_unit"):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, _("请填写"))
        data["times"] = data.get("times") or 1
        return data

    def line(self) -> dict[str, Any]:
        """The line as the service takes it."""
        return {name: self.cleaned_data[name] for name in LINE}


LineFormSet = forms.formset_factory(BudgetLineForm, extra=0, max_num=MOST_LINES, validate_max=True)


def line_formset(rulebook: Rulebook, data: Any, budget: Budget | None) -> Any:
    """The lines there are, the customary ones of each category that are not there yet, and an empty one for each."""
    categories = rulebook.expense_categories.filter(allowed=True)
    lines = list(budget.lines.select_related("category")) if budget and budget.pk else []
    return LineFormSet(
        data,
        prefix="lines",
        initial=list(_rows(categories, lines)),
        form_kwargs={"categories": categories, "names": {str(each.pk): each.name for each in categories}},
    )


def _rows(categories: Iterable[ExpenseCategory], lines: list[BudgetLine]) -> Iterable[dict[str, Any]]:
    for category in categories:
        mine = [each for each in lines if each.category_id == category.pk]
        yield from ({name: getattr(each, name) for name in LINE} for each in mine)
        known = {each.item for each in mine}
        empty = {
            "category": category,
            "price_unit": _t("人·天"),
            "count_unit": _t("人"),
            "times_unit": _t("天"),
        }
        yield from (empty | {"item": item} for item in category.items if item not in known)
        yield empty | {"item": ""}


class ExpenseForm(forms.Form):
    """One payment with its vouchers. `key` makes a form that is sent twice count once."""

    category = forms.ModelChoiceField(ExpenseCategory.objects.none(), label=_("费用科目"))
    amount = forms.DecimalField(label=_("金额（元）"), max_digits=10, decimal_places=2)
    paid_on = forms.DateField(label=_("支付日期"), widget=DateInput)
    payee = forms.CharField(label=_("收款方"), max_length=100)
    description = forms.CharField(
        label=_("用途说明"), max_length=200, help_text=_("写明内容、时间、人数，如“专题讲座讲课费，3人次”。")
    )
    vouchers = FilesField(label=_("凭证"), help_text=FILE_HINT, widget=FilesInput({"accept": ACCEPT}))
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, categories: QuerySet[ExpenseCategory], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = categories  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """values, files, key: as the service takes them."""
        data = dict(self.cleaned_data)
        files, key = data.pop("vouchers"), data.pop("key")
        return {"values": data, "files": files, "key": key}


class SupplementForm(forms.Form):
    target = forms.ModelChoiceField(ExpenseCategory.objects.none(), label=_("追加到科目"))
    amount = forms.DecimalField(label=_("金额（元）"), max_digits=10, decimal_places=2)
    reason = forms.CharField(
        label=_("计算说明和理由"),
        max_length=200,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("如“增加专题讲座2次，800元/学时×8学时×2次”"),
    )

    def __init__(self, rulebook: Rulebook, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = rulebook.expense_categories.filter(allowed=True).select_related("clause__notice")
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = rows


class TransferForm(SupplementForm):
    source = forms.ModelChoiceField(ExpenseCategory.objects.none(), label=_("调出科目"))
    target = forms.ModelChoiceField(ExpenseCategory.objects.none(), label=_("调入科目"))
    reason = forms.CharField(label=_("调剂理由"), max_length=200, widget=forms.Textarea({"rows": 2}))

    field_order = ("source", "target", "amount", "reason")


class VoucherForm(forms.Form):
    file = forms.FileField(label=_("文件"), widget=forms.ClearableFileInput({"accept": ACCEPT}))


class ExplanationForm(forms.Form):
    """One explanation a category."""

    def __init__(self, lines: Iterable[FinalAccountLine], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in lines:
            self.fields[f"c{each.category_id}"] = forms.CharField(
                label=each.category.name, max_length=200, required=False, initial=each.explanation
            )

    def given(self) -> dict[int, str]:
        return {int(name[1:]): words for name, words in self.cleaned_data.items()}
