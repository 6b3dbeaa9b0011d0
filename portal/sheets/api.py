"""Imports under /api/v1/imports/: the same batches, acts and findings as on the pages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from portal.api import actor_of, router, valid
from portal.sheets.imports import find_kind
from portal.sheets.models import ImportBatch, ImportBatchQuerySet
from portal.sheets.preview import all_findings
from portal.sheets.services import uploading


class ImportBatchSerializer(serializers.ModelSerializer[ImportBatch]):
    class Meta:
        model = ImportBatch
        fields = [
            *("number", "kind", "context", "original_name", "size", "sha256", "state", "sheet_name"),
            *("ready", "conflict", "error", "skipped", "unknown", "problem", "receipt"),
            *("created_at", "previewed_at", "taken_at"),
        ]
        read_only_fields = fields


class UploadSerializer(serializers.Serializer[Any]):
    """`params` says what the upload is for, as the page's address does."""

    kind = serializers.CharField()
    file = serializers.FileField(allow_empty_file=True)
    params = serializers.JSONField(default=dict)

    def validate_kind(self, value: str) -> str:
        try:
            find_kind(value)
        except KeyError:
            raise serializers.ValidationError("没有这种导入类型。") from None
        return value

    def validate_params(self, value: Any) -> dict[str, str]:
        if not isinstance(value, dict):
            raise serializers.ValidationError("应为 JSON 对象。")
        return {str(name): str(each) for name, each in value.items()}


class FindingSerializer(serializers.Serializer[Any]):
    sheet = serializers.CharField()
    row = serializers.IntegerField()
    column = serializers.CharField()
    title = serializers.CharField()
    message = serializers.CharField()
    severity = serializers.CharField()
    clause = serializers.CharField(source="citation.clause", default="")


class ImportBatchViewSet(ReadOnlyModelViewSet[ImportBatch]):
    """Uploaded sheets of one's organisation, newest first."""

    queryset = ImportBatch.objects.none()
    serializer_class = ImportBatchSerializer
    lookup_field = "number"
    filterset_fields = ["state", "kind"]
    parser_classes = (MultiPartParser, FormParser)

    def get_queryset(self) -> ImportBatchQuerySet:
        return ImportBatch.objects.visible_to(actor_of(self.request)).select_related("job")

    @extend_schema(request=UploadSerializer, responses={201: ImportBatchSerializer})
    def create(self, request: Request) -> Response:
        """Upload a sheet; it is checked in the background: ask again until it is `previewed` or `refused`."""
        batch = uploading.upload(actor_of(request), None, **valid(UploadSerializer, request))
        return Response(self.get_serializer(batch).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=FindingSerializer(many=True))
    @action(detail=True, filterset_fields=[], pagination_class=None)
    def findings(self, request: Request, number: str) -> Response:
        """What is wrong, by cell."""
        return Response(FindingSerializer(all_findings(self.get_object()), many=True).data)

    @extend_schema(request=None, responses=ImportBatchSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, number: str) -> Response:
        """Take the ready rows in the background."""
        return Response(self.get_serializer(uploading.take(actor_of(request), self.get_object())).data)

    @extend_schema(request=None, responses=ImportBatchSerializer)
    @action(detail=True, methods=["post"])
    def recheck(self, request: Request, number: str) -> Response:
        """Judge the same file again."""
        return Response(self.get_serializer(uploading.recheck(actor_of(request), self.get_object())).data)

    @extend_schema(request=None, responses=ImportBatchSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, number: str) -> Response:
        """Start work that was interrupted again."""
        return Response(self.get_serializer(uploading.retry(actor_of(request), self.get_object())).data)

    @extend_schema(request=None, responses=ImportBatchSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, number: str) -> Response:
        """Give the batch up."""
        return Response(self.get_serializer(uploading.cancel(actor_of(request), self.get_object())).data)


router.register("imports", ImportBatchViewSet, basename="import")
