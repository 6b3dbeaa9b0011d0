"""What may be charged to the programme, and what a final account comes with. Source: CQ20-4.1, CQ20-5.5."""

from __future__ import annotations

from rest_framework import serializers

from finance.models import ExpenseCategory, VoucherRequirement
from finance.services.categories import FIELDS, edit_expense_categories
from finance.services.checklist import FIELDS as VOUCHER_FIELDS
from finance.services.checklist import edit_vouchers
from portal.api import router
from portal.rulebook.api_tables import TableViewSet, clause_field, table_api


class ExpenseCategorySerializer(serializers.ModelSerializer[ExpenseCategory]):
    clause = clause_field()

    class Meta:
        model = ExpenseCategory
        fields = ["id", "rulebook", "code", *FIELDS, "position"]
        read_only_fields = ["id", "rulebook", "position"]
        extra_kwargs = {"allowed": {"default": True}, "items": {"default": list}}
        validators: list[object] = []


@table_api(ExpenseCategorySerializer, edit_expense_categories)
class ExpenseCategoryViewSet(TableViewSet):
    queryset = ExpenseCategory.objects.all()


class VoucherRequirementSerializer(serializers.ModelSerializer[VoucherRequirement]):
    """`category_code`: only where money of this category was spent; empty: always."""

    clause = clause_field()

    class Meta:
        model = VoucherRequirement
        fields = ["id", "rulebook", "code", *VOUCHER_FIELDS, "position"]
        read_only_fields = ["id", "rulebook", "position"]
        extra_kwargs = {"category_code": {"default": ""}}
        validators: list[object] = []


@table_api(VoucherRequirementSerializer, edit_vouchers)
class VoucherRequirementViewSet(TableViewSet):
    queryset = VoucherRequirement.objects.all()


router.register("voucher-requirements", VoucherRequirementViewSet)
router.register("expense-categories", ExpenseCategoryViewSet)
