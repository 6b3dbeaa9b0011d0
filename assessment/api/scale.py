"""The grade scale, under /api/v1/grade-levels/. Source: CQ20-5.2."""

from __future__ import annotations

from rest_framework import serializers

from assessment.models import GradeLevel
from assessment.services.scale import FIELDS, edit_grades
from portal.api import router
from portal.rulebook.api_tables import TableViewSet, clause_field, table_api


class GradeLevelSerializer(serializers.ModelSerializer[GradeLevel]):
    """`cap` is the largest share of a class that may get the grade, 0 to 1; null: no bound."""

    clause = clause_field()

    class Meta:
        model = GradeLevel
        fields = ["id", "rulebook", "code", *FIELDS, "position"]
        read_only_fields = ["id", "rulebook", "position"]
        extra_kwargs = {"passing": {"default": True}, "cap": {"default": None}}
        validators: list[object] = []


@table_api(GradeLevelSerializer, edit_grades)
class GradeLevelViewSet(TableViewSet):
    queryset = GradeLevel.objects.all()


router.register("grade-levels", GradeLevelViewSet)
