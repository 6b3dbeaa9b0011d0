"""The audit under /api/v1/audit/, for the audit administrator's own tools."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from portal.api import actor_of, router
from portal.operations.models import AuditEntry
from portal.operations.tables import AuditFilter


class AuditSerializer(serializers.ModelSerializer[AuditEntry]):
    class Meta:
        model = AuditEntry
        fields = [
            *("id", "at", "business_at", "operation", "label", "outcome", "user", "actor_name", "role"),
            *("organization_id", "organization_name", "ip", "request_id"),
            *("subject_type", "subject_id", "subject_label", "before", "after", "rows", "reason"),
        ]
        read_only_fields = fields


class AuditViewSet(ReadOnlyModelViewSet[AuditEntry]):
    """Everything to the audit administrator, nothing to anybody else."""

    queryset = AuditEntry.objects.none()
    serializer_class = AuditSerializer
    filterset_class = AuditFilter

    def get_queryset(self) -> QuerySet[AuditEntry]:
        return AuditEntry.objects.visible_to(actor_of(self.request))


router.register("audit", AuditViewSet)
