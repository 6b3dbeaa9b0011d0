"""Print runs under /api/v1/print-runs/: the same list, start, stop and file as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.text import get_valid_filename
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from portal.api import actor_of, router, valid
from portal.jobs.services import cancel
from portal.papers.models import MOST_COPIES, Layout, PaperBatch
from portal.papers.services.downloading import download_batch
from portal.papers.services.starting import MOST_SUBJECTS, print_papers
from portal.papers.tables import batch_rows, state_of


class PrintRunSerializer(serializers.ModelSerializer[PaperBatch]):
    """`state` is waiting, running, done, failed or cancelled; the file is there once it is done."""

    state = serializers.SerializerMethodField()

    class Meta:
        model = PaperBatch
        fields = [
            *("id", "kind", "title", "layout", "copies", "total", "pages", "state", "printed_on"),
            *("organization", "owner", "job", "created_at", "finished_at"),
        ]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.STR)
    def get_state(self, batch: PaperBatch) -> str:
        return state_of(batch)[0]


class PrintSerializer(serializers.Serializer[Any]):
    """What to print: `subjects` are the keys of what the kind prints, in the order wanted."""

    kind = serializers.CharField(max_length=64)
    subjects = serializers.ListField(
        child=serializers.IntegerField(), allow_empty=False, max_length=MOST_SUBJECTS
    )
    title = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    copies = serializers.IntegerField(required=False, default=1, min_value=1, max_value=MOST_COPIES)
    layout = serializers.ChoiceField(choices=Layout.choices, required=False, default=Layout.BOOK)


class PrintRunViewSet(ReadOnlyModelViewSet[PaperBatch]):
    """Print runs of oneself, and for office holders those in their reach, newest first."""

    queryset = PaperBatch.objects.none()
    serializer_class = PrintRunSerializer
    filterset_fields = ("kind", "organization")

    def get_queryset(self) -> QuerySet[PaperBatch]:
        return batch_rows(actor_of(self.request))

    @extend_schema(request=PrintSerializer, responses={201: PrintRunSerializer})
    def create(self, request: Request) -> Response:
        """Start a print run; ask again until it is done."""
        made = print_papers(actor_of(request), None, **valid(PrintSerializer, request))
        return Response(PrintRunSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=PrintRunSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop one's own run after the chunk being printed."""
        found = self.get_object()
        if found.job is not None:
            cancel(actor_of(request), found.job)
        return Response(PrintRunSerializer(found).data)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, filterset_fields=(), pagination_class=None)
    def file(self, request: Request, pk: str) -> FileResponse:
        """The finished run's PDF, or the archive of its PDFs. Each download is audited."""
        found = self.get_object()
        path = download_batch(actor_of(request), found)
        name = f"{get_valid_filename(found.title)}{path.suffix}"
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)


router.register("print-runs", PrintRunViewSet, basename="print-run")
