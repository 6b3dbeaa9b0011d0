"""Performance summaries under /api/v1/: the kept runs, their rows, and the order to reckon anew."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from assessment.models import PerformanceRun, PerformanceSummary
from assessment.services.performance import ask_for_performance
from portal.api import actor_of, router, valid
from programs.models import Program


class PerformanceRunSerializer(serializers.ModelSerializer[PerformanceRun]):
    class Meta:
        model = PerformanceRun
        fields = ["id", "program", "on", "at", "by_name", "scheme"]
        read_only_fields = fields


class PerformanceSummarySerializer(serializers.ModelSerializer[PerformanceSummary]):
    class Meta:
        model = PerformanceSummary
        fields = [
            "id",
            "run",
            "level",
            "base",
            "training_class",
            "classes",
            "figures",
            "points",
            "score",
            "rank",
        ]
        read_only_fields = fields


class ReckoningSerializer(serializers.Serializer[Any]):
    program = serializers.PrimaryKeyRelatedField(queryset=Program.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        request = self.context.get("request")
        if request is not None:
            seen = Program.objects.visible_to(actor_of(request)).select_related("rulebook", "office__parent")
            self.fields["program"].queryset = seen  # type: ignore[attr-defined]


class ReckoningJobSerializer(serializers.Serializer[Any]):
    job = serializers.IntegerField()


class PerformanceRunViewSet(ReadOnlyModelViewSet[PerformanceRun]):
    queryset = PerformanceRun.objects.none()
    serializer_class = PerformanceRunSerializer
    filterset_fields = ("program",)

    def get_queryset(self) -> QuerySet[PerformanceRun]:
        return PerformanceRun.objects.visible_to(actor_of(self.request))

    @extend_schema(request=ReckoningSerializer, responses={202: ReckoningJobSerializer})
    @action(detail=False, methods=["post"])
    def reckon(self, request: Request) -> Response:
        """Start reckoning a programme in the background."""
        job = ask_for_performance(actor_of(request), valid(ReckoningSerializer, request)["program"])
        return Response({"job": job.pk}, status=status.HTTP_202_ACCEPTED)


class PerformanceSummaryViewSet(ReadOnlyModelViewSet[PerformanceSummary]):
    queryset = PerformanceSummary.objects.none()
    serializer_class = PerformanceSummarySerializer
    filterset_fields = ("run", "level", "base", "training_class")

    def get_queryset(self) -> QuerySet[PerformanceSummary]:
        return PerformanceSummary.objects.visible_to(actor_of(self.request))


router.register("performance-runs", PerformanceRunViewSet)
router.register("performance-rows", PerformanceSummaryViewSet)
