"""Results, certificates and lists of excellent trainees under /api/v1/: the same verbs and refusals as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from assessment.models import BaseOpinion, Certificate, ClassResults, ExcellentCopy, GradeLevel, Result
from assessment.queries import results as queries
from assessment.services import certificates, correcting, national, opinions, republishing, results
from portal.api import actor_of, router, valid
from programs.models import TrainingClass


class ResultSerializer(serializers.ModelSerializer[Result]):
    name = serializers.CharField(source="enrollment.teacher.name", read_only=True)

    class Meta:
        model = Result
        fields = [
            "id",
            "results",
            "enrollment",
            "name",
            "level",
            "passed",
            "excellent",
            "hours",
            "credits",
            "score",
            "attendance_rate",
            "comment",
            "corrected_at",
            "version",
        ]
        read_only_fields = fields


class ClassResultsSerializer(serializers.ModelSerializer[ClassResults]):
    class Meta:
        model = ClassResults
        fields = [
            "id",
            "training_class",
            "published_at",
            "by_name",
            "republished_at",
            "trainees",
            "passed",
            "excellent",
            "imported_at",
            "forms_sent_at",
        ]
        read_only_fields = fields


class RepublicationSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class CertificateSerializer(serializers.ModelSerializer[Certificate]):
    class Meta:
        model = Certificate
        fields = ["id", "result", "number", "issued_on", "revoked_at"]
        read_only_fields = fields


class ExcellentCopySerializer(serializers.ModelSerializer[ExcellentCopy]):
    class Meta:
        model = ExcellentCopy
        fields = ["id", "results", "organization", "sent_at", "read_at"]
        read_only_fields = fields


class CorrectionSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    level = serializers.PrimaryKeyRelatedField(queryset=GradeLevel.objects.select_related("clause__notice"))
    reason = serializers.CharField()


class BaseOpinionSerializer(serializers.ModelSerializer[BaseOpinion]):
    class Meta:
        model = BaseOpinion
        fields = ["enrollment", "opinion", "by_name", "at"]
        read_only_fields = ["enrollment", "by_name", "at"]


class PublicationSerializer(serializers.Serializer[Any]):
    training_class = serializers.IntegerField()


class OpinionsSerializer(serializers.Serializer[Any]):
    template = serializers.CharField()
    overwrite = serializers.BooleanField(default=False)


class ImportNoteSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(required=False, allow_blank=True, default="")


class CountSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()


class ResultViewSet(ReadOnlyModelViewSet[Result]):
    queryset = Result.objects.none()
    serializer_class = ResultSerializer
    filterset_fields = ("results", "level", "passed", "excellent")

    def get_queryset(self) -> QuerySet[Result]:
        return queries.one_result(actor_of(self.request))

    @extend_schema(request=CorrectionSerializer, responses=ResultSerializer)
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        """Correct a published result."""
        done = correcting.correct_result(
            actor_of(request), self.get_object(), **valid(CorrectionSerializer, request)
        )
        return Response(ResultSerializer(done).data)

    @extend_schema(request=BaseOpinionSerializer, responses=BaseOpinionSerializer)
    @action(detail=True, methods=["post"])
    def opinion(self, request: Request, pk: str) -> Response:
        """Write the base's opinion on the recommendation form."""
        made = opinions.write_opinion(
            actor_of(request), self.get_object(), **valid(BaseOpinionSerializer, request)
        )
        return Response(BaseOpinionSerializer(made).data)


class ClassResultsViewSet(ReadOnlyModelViewSet[ClassResults]):
    queryset = ClassResults.objects.none()
    serializer_class = ClassResultsSerializer
    filterset_fields = ("training_class",)

    def get_queryset(self) -> QuerySet[ClassResults]:
        rows = ClassResults.objects.visible_to(actor_of(self.request))
        return rows.select_related(
            "training_class__base",
            "training_class__project__program__rulebook",
            "training_class__project__program__office__parent",
        )

    @extend_schema(request=PublicationSerializer, responses=ClassResultsSerializer)
    @action(detail=False, methods=["post"])
    def publish(self, request: Request) -> Response:
        """Publish the results of a class whose grades are final."""
        rows = TrainingClass.objects.visible_to(actor_of(request))
        found = get_object_or_404(
            rows.select_related("project__program__rulebook", "project__program__office__parent", "base"),
            pk=valid(PublicationSerializer, request)["training_class"],
        )
        made = results.publish_results(actor_of(request), found)
        return Response(ClassResultsSerializer(made).data)

    @extend_schema(request=RepublicationSerializer, responses=ClassResultsSerializer)
    @action(detail=True, methods=["post"])
    def republish(self, request: Request, pk: str) -> Response:
        """Publish the results anew, after the grades were reopened and closed again."""
        found = self.get_object().training_class
        made = republishing.republish_results(
            actor_of(request), found, **valid(RepublicationSerializer, request)
        )
        return Response(ClassResultsSerializer(made).data)

    @extend_schema(request=None, responses=CertificateSerializer(many=True))
    @action(detail=True, methods=["post"], pagination_class=None, filterset_fields=())
    def certificates(self, request: Request, pk: str) -> Response:
        """Give the class's passed trainees their certificates."""
        made = certificates.issue_certificates(actor_of(request), self.get_object())
        return Response(CertificateSerializer(made, many=True).data)

    @extend_schema(request=OpinionsSerializer, responses=CountSerializer)
    @action(detail=True, methods=["post"])
    def opinions(self, request: Request, pk: str) -> Response:
        """Write the base's opinions of a class from one text."""
        count = opinions.write_opinions(
            actor_of(request), self.get_object(), **valid(OpinionsSerializer, request)
        )
        return Response({"count": count})

    @extend_schema(request=None, responses=CountSerializer)
    @action(detail=True, methods=["post"])
    def return_forms(self, request: Request, pk: str) -> Response:
        """Give the finished forms back to trainees, schools and the office."""
        return Response({"count": opinions.return_forms(actor_of(request), self.get_object())})

    @extend_schema(request=ImportNoteSerializer, responses=ClassResultsSerializer)
    @action(detail=True, methods=["post"])
    def imported(self, request: Request, pk: str) -> Response:
        """Say that the results are in the national teacher system."""
        done = national.mark_imported(
            actor_of(request), self.get_object(), **valid(ImportNoteSerializer, request)
        )
        return Response(ClassResultsSerializer(done).data)


class CertificateViewSet(ReadOnlyModelViewSet[Certificate]):
    queryset = Certificate.objects.none()
    serializer_class = CertificateSerializer
    filterset_fields = ("number",)

    def get_queryset(self) -> QuerySet[Certificate]:
        return Certificate.objects.visible_to(actor_of(self.request))


class ExcellentCopyViewSet(ReadOnlyModelViewSet[ExcellentCopy]):
    queryset = ExcellentCopy.objects.none()
    serializer_class = ExcellentCopySerializer
    filterset_fields = ("results", "organization")

    def get_queryset(self) -> QuerySet[ExcellentCopy]:
        return ExcellentCopy.objects.visible_to(actor_of(self.request))


router.register("results", ResultViewSet)
router.register("class-results", ClassResultsViewSet)
router.register("certificates", CertificateViewSet)
router.register("excellent-lists", ExcellentCopyViewSet)
