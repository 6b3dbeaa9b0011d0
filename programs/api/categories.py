"""The categories of projects, under /api/v1/categories/. Source: CQ20-1.1."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import serializers

from portal.api import actor_of, router
from portal.rulebook.api_tables import TableViewSet, clause_field, table_api
from programs.models import Category, Program
from programs.services.categories import FIELDS, edit_categories


class CategorySerializer(serializers.ModelSerializer[Category]):
    clause = clause_field()

    class Meta:
        model = Category
        fields = ["id", "program", "code", *FIELDS, "position"]
        read_only_fields = ["id", "program", "position"]
        validators: list[object] = []


@table_api(CategorySerializer, edit_categories)
class CategoryViewSet(TableViewSet):
    queryset = Category.objects.all()
    filterset_fields = ("program",)

    def get_queryset(self) -> QuerySet[Category]:
        """They belong to the programme, not to its rulebook."""
        seen = Program.objects.visible_to(actor_of(self.request))
        return Category.objects.filter(program__in=seen).select_related("clause")


router.register("categories", CategoryViewSet)
