"""What may be charged to the programme, under /api/v1/expense-categories/. Source: CQ20-4.1, CQ20-5.5."""

from __future__ import annotations

from rest_framework import serializers

from finance.models import ExpenseCategory
from finance.services.categories import FIELDS, edit_expense_categories
from portal.api import router
from portal.rulebook.api_tables import TableViewSet, clause_field, table_api


class ExpenseCategorySerializer(serializers.ModelSerializer[ExpenseCategory]):
    clause = clause_field()

    class Meta:
        model = ExpenseCategory
        fields = ["id", "rulebook", "code", *FIELDS, "position"]
        read_only_fields = ["id", "rulebook", "position"]
        extra_kwargs = {"allowed": {"default": True}}
        validators: list[object] = []


@table_api(ExpenseCategorySerializer, edit_expense_categories)
class ExpenseCategoryViewSet(TableViewSet):
    queryset = ExpenseCategory.objects.all()


router.register("expense-categories", ExpenseCategoryViewSet)
