"""What money looks like in the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from finance.models import (
    Budget,
    BudgetLine,
    Expense,
    FinalAccount,
    FinalAccountLine,
    FundAccount,
    Transfer,
    Voucher,
)
from finance.services.budgets import HEAD, LINE
from portal.errors import Invalid
from programs.models import TrainingClass


class AccountSerializer(serializers.ModelSerializer[FundAccount]):
    balance = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)

    class Meta:
        model = FundAccount
        fields = ["id", "training_class", "category", "received", "passed", "spent", "returned", "balance"]
        read_only_fields = fields


class GrantSerializer(serializers.Serializer[Any]):
    training_class = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=10, decimal_places=2)
    reason = serializers.CharField(max_length=200)


class BudgetLineSerializer(serializers.ModelSerializer[BudgetLine]):
    calculation = serializers.CharField(read_only=True)

    class Meta:
        model = BudgetLine
        fields = [*LINE, "calculation"]
        read_only_fields = fields


class BudgetSerializer(serializers.ModelSerializer[Budget]):
    masked_account = serializers.CharField(read_only=True)
    lines = BudgetLineSerializer(many=True, read_only=True)

    class Meta:
        model = Budget
        fields = [
            *("id", "training_class", "state", "headcount", "payee", "bank", "bank_code", "masked_account"),
            *("contact_name", "contact_phone", "total", "edition", "opinion", "submitted_at", "decided_at"),
            *("version", "lines"),
        ]
        read_only_fields = fields


class BudgetLineInputSerializer(serializers.ModelSerializer[BudgetLine]):
    """A line; `amount` left out is the product."""

    category = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, required=False)

    class Meta:
        model = BudgetLine
        fields = list(LINE)


class BudgetInputSerializer(serializers.ModelSerializer[Budget]):
    """The whole budget; `version` is that of the stored one, 0 for a new one."""

    training_class = serializers.IntegerField()
    bank_account = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    version = serializers.IntegerField(default=0)
    lines = BudgetLineInputSerializer(many=True)

    class Meta:
        model = Budget
        fields = ["training_class", *HEAD, "version", "lines"]

    def parts(self, training_class: TrainingClass) -> tuple[dict[str, Any], list[dict[str, Any]], int]:
        """head, lines, version: as the service takes them. Raises Invalid for an unknown category."""
        data = dict(self.validated_data)
        data.pop("training_class")
        lines, version = data.pop("lines"), data.pop("version")
        rows = training_class.rulebook.expense_categories.select_related("clause__notice")
        known = rows.in_bulk([each["category"] for each in lines])
        if any(each["category"] not in known for each in lines):
            raise Invalid(_("没有找到此费用科目。"), field="category")
        if not data["bank_account"]:
            # Left out, it stays what it was: nobody is shown it in full.
            data.pop("bank_account")
        return data, [each | {"category": known[each["category"]]} for each in lines], version


class VoucherSerializer(serializers.ModelSerializer[Voucher]):
    class Meta:
        model = Voucher
        fields = ["id", "name", "sha256", "at"]
        read_only_fields = fields


class ExpenseSerializer(serializers.ModelSerializer[Expense]):
    vouchers = VoucherSerializer(many=True, read_only=True)

    class Meta:
        model = Expense
        fields = [
            *("id", "training_class", "category", "amount", "paid_on", "payee", "description", "reverses"),
            *("verdict", "findings", "by_name", "at", "vouchers"),
        ]
        read_only_fields = fields


class ExpenseInputSerializer(serializers.Serializer[Any]):
    training_class = serializers.IntegerField()
    category = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=10, decimal_places=2)
    paid_on = serializers.DateField()
    payee = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=200)
    vouchers = serializers.ListField(child=serializers.FileField(), allow_empty=False)
    key = serializers.UUIDField(required=False)


class MoneyReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=150)


class TransferSerializer(serializers.ModelSerializer[Transfer]):
    class Meta:
        model = Transfer
        fields = [
            *("id", "training_class", "source", "target", "amount", "reason", "state", "opinion"),
            *("by_name", "at", "decided_at"),
        ]
        read_only_fields = fields


class SupplementSerializer(serializers.Serializer[Any]):
    """What is to be budgeted of what was granted later: for which category, how much, with the calculation."""

    training_class = serializers.IntegerField()
    target = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=10, decimal_places=2)
    reason = serializers.CharField(max_length=200)


class TransferInputSerializer(SupplementSerializer):
    source = serializers.IntegerField()  # type: ignore[assignment]


class FinalAccountLineSerializer(serializers.ModelSerializer[FinalAccountLine]):
    difference = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)

    class Meta:
        model = FinalAccountLine
        fields = ["category", "budgeted", "spent", "difference", "explanation"]
        read_only_fields = fields


class FinalAccountSerializer(serializers.ModelSerializer[FinalAccount]):
    lines = FinalAccountLineSerializer(many=True, read_only=True)

    class Meta:
        model = FinalAccount
        fields = [
            *("id", "training_class", "state", "headcount", "budgeted", "spent", "opinion", "submitted_at"),
            *("settled_at", "version", "lines"),
        ]
        read_only_fields = fields


class ExplanationInputSerializer(serializers.Serializer[Any]):
    category = serializers.IntegerField()
    explanation = serializers.CharField(max_length=200, allow_blank=True)


class FinalAccountInputSerializer(serializers.Serializer[Any]):
    training_class = serializers.IntegerField()
    lines = ExplanationInputSerializer(many=True)
