"""One's own jobs under /api/v1/jobs/."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from portal.api import actor_of, router
from portal.jobs.models import Job, JobQuerySet
from portal.jobs.services import cancel, retry


class JobSerializer(serializers.ModelSerializer[Job]):
    seconds_left = serializers.IntegerField(allow_null=True, read_only=True)

    class Meta:
        model = Job
        fields = [
            *(
                "id",
                "kind",
                "title",
                "state",
                "done",
                "total",
                "percent",
                "seconds_left",
                "result",
                "result_url",
            ),
            *("error", "created_at", "started_at", "finished_at"),
        ]
        read_only_fields = fields


class JobViewSet(ReadOnlyModelViewSet[Job]):
    """Long work that the person who asks has started, newest first."""

    queryset = Job.objects.none()
    serializer_class = JobSerializer
    filterset_fields = ["state", "kind"]

    def get_queryset(self) -> JobQuerySet:
        return Job.objects.visible_to(actor_of(self.request))

    @extend_schema(request=None, responses=JobSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop it before its next step; what was finished stays."""
        return Response(self.get_serializer(cancel(actor_of(request), self.get_object())).data)

    @extend_schema(request=None, responses=JobSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Run it again after it failed or was stopped."""
        return Response(self.get_serializer(retry(actor_of(request), self.get_object())).data)


router.register("jobs", JobViewSet, basename="job")
