"""Grades under /api/v1/: the same lists, acts, caps and refusals as the pages. Source: CQ20-5.2."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from assessment.models import ClassGrading, Grade, LevelTally
from assessment.services import closing
from assessment.services.grading import GIVEN, Entry, GradedClasses, record_grades
from enrollment.api.arrivals import class_of
from portal.api import actor_of, router, valid


class GradeSerializer(serializers.ModelSerializer[Grade]):
    level = serializers.SlugRelatedField("code", read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = Grade
        fields = [
            *("id", "enrollment", "level", "performance_mark", "outcome_mark", "comment"),
            *("attendance_rate", "score", "final", "updated_at", "by_name"),
        ]
        read_only_fields = fields


class EntrySerializer(serializers.Serializer[Any]):
    """What is given for one trainee; what is left out stays as it is."""

    enrollment = serializers.IntegerField()
    level = serializers.CharField(required=False, allow_blank=True)
    performance_mark = serializers.DecimalField(4, 1, required=False, allow_null=True)
    outcome_mark = serializers.DecimalField(4, 1, required=False, allow_null=True)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=500)


class SendingSerializer(serializers.Serializer[Any]):
    """Grades of one class, taken whole or not at all."""

    training_class = serializers.IntegerField()
    grades = EntrySerializer(many=True)


class SentSerializer(serializers.Serializer[Any]):
    changed = serializers.IntegerField()


class GradeViewSet(ReadOnlyModelViewSet[Grade]):
    queryset = Grade.objects.none()
    serializer_class = GradeSerializer
    filterset_fields = ("enrollment__training_class", "level__code", "final")

    def get_queryset(self) -> QuerySet[Grade]:
        return Grade.objects.visible_to(actor_of(self.request)).select_related("level")

    @extend_schema(request=SendingSerializer, responses=SentSerializer)
    @action(detail=False, methods=["post"])
    def record(self, request: Request) -> Response:
        """Write marks and levels of a class."""
        given = valid(SendingSerializer, request)
        found = class_of(request, given["training_class"])
        entries = [
            Entry(each["enrollment"], {name: each[name] for name in GIVEN if name in each})
            for each in given["grades"]
        ]
        changed = record_grades(actor_of(request), GradedClasses(found), entries=entries)
        return Response({"changed": changed})


class TallySerializer(serializers.ModelSerializer[LevelTally]):
    level = serializers.SlugRelatedField("code", read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = LevelTally
        fields = ["level", "used", "most", "left"]
        read_only_fields = fields


class GradingSerializer(serializers.ModelSerializer[ClassGrading]):
    tallies = TallySerializer(many=True, read_only=True)

    class Meta:
        model = ClassGrading
        fields = ["id", "training_class", "state", "trainees", "submitted_at", "closed_at", "tallies"]
        read_only_fields = fields


class GradingReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()


class GradingViewSet(ReadOnlyModelViewSet[ClassGrading]):
    queryset = ClassGrading.objects.none()
    serializer_class = GradingSerializer
    filterset_fields = ("training_class", "state")

    def get_queryset(self) -> QuerySet[ClassGrading]:
        rows = ClassGrading.objects.visible_to(actor_of(self.request)).order_by("pk")
        return rows.prefetch_related("tallies__level")

    @extend_schema(request=None, responses=GradingSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Hand the class's grades in."""
        return self._done(closing.submit_grades)

    @extend_schema(request=None, responses=GradingSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Make them final."""
        return self._done(closing.close_grades)

    @extend_schema(request=GradingReasonSerializer, responses=GradingSerializer)
    @action(detail=True, methods=["post"], url_path="return")
    def give_back(self, request: Request, pk: str) -> Response:
        """Give submitted grades back to the class teacher."""
        return self._done(closing.return_grades, reasoned=True)

    @extend_schema(request=GradingReasonSerializer, responses=GradingSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """The office takes the finality away."""
        return self._done(closing.reopen_grades, reasoned=True)

    def _done(self, verb: Any, *, reasoned: bool = False) -> Response:
        said: dict[str, Any] = {}
        if reasoned:
            said = valid(GradingReasonSerializer, self.request)
        found = class_of(self.request, self.get_object().training_class_id)
        return Response(GradingSerializer(verb(actor_of(self.request), found, **said)).data)


router.register("grades", GradeViewSet)
router.register("gradings", GradingViewSet)
