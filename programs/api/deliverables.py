"""What bases owe for each class, under /api/v1/deliverable-requirements/. Source: CQ20-5.1."""

from __future__ import annotations

from rest_framework import serializers

from portal.api import router
from portal.rulebook.api_tables import TableViewSet, clause_field, table_api
from programs.models import DeliverableRequirement
from programs.services.deliverables import FIELDS, edit_deliverables


class DeliverableRequirementSerializer(serializers.ModelSerializer[DeliverableRequirement]):
    """`offset_days` from the class's start or end; negative: before it."""

    clause = clause_field()

    class Meta:
        model = DeliverableRequirement
        fields = ["id", "rulebook", "code", *FIELDS, "position"]
        read_only_fields = ["id", "rulebook", "position"]
        extra_kwargs = {"minimum": {"default": 1}}
        validators: list[object] = []


@table_api(DeliverableRequirementSerializer, edit_deliverables)
class DeliverableRequirementViewSet(TableViewSet):
    queryset = DeliverableRequirement.objects.all()


router.register("deliverable-requirements", DeliverableRequirementViewSet)
