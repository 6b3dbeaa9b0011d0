"""Inspections and circulars under /api/v1/: the same lists, acts and refusals as the pages. Source: CQ20-6.4."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from assessment.models import Circular, Inspection, InspectionMark, InspectionPoint, Method
from assessment.services import following_up, inspections, visiting
from assessment.services.circulating import circulate
from portal.accounts.models import User
from portal.api import actor_of, router, valid
from portal.organizations.models import Organization
from programs.models import Program, TrainingClass


class PointSerializer(serializers.ModelSerializer[InspectionPoint]):
    class Meta:
        model = InspectionPoint
        fields = ["id", "number", "item", "text", "state", "due_on", "answer", "answered_at", "opinion"]
        read_only_fields = fields


class InspectionMarkSerializer(serializers.ModelSerializer[InspectionMark]):
    class Meta:
        model = InspectionMark
        fields = ["item", "most", "points", "note"]
        read_only_fields = fields


class InspectionSerializer(serializers.ModelSerializer[Inspection]):
    inspectors = serializers.SlugRelatedField("user_id", many=True, read_only=True)  # type: ignore[var-annotated]
    points = PointSerializer(many=True, read_only=True)
    marks = InspectionMarkSerializer(many=True, read_only=True)

    class Meta:
        model = Inspection
        fields = [
            *("id", "project", "training_class", "base", "method", "planned_on", "visited_on", "state"),
            *("opinion", "advice", "score", "submitted_at", "closed_at", "version"),
            *("inspectors", "marks", "points"),
        ]
        read_only_fields = fields


class VisitPlanSerializer(serializers.Serializer[Any]):
    program = serializers.IntegerField()
    projects = serializers.ListField(child=serializers.IntegerField())
    training_class = serializers.IntegerField(required=False, allow_null=True)
    planned_on = serializers.DateField()
    method = serializers.ChoiceField(Method.choices)
    inspectors = serializers.ListField(child=serializers.IntegerField())


class GivenMarkSerializer(serializers.Serializer[Any]):
    item = serializers.IntegerField()
    points = serializers.DecimalField(5, 2)
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)


class GivenPointSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=2000)
    item = serializers.IntegerField(required=False, allow_null=True, default=None)
    demands = serializers.BooleanField(required=False, default=True)


class RecordSerializer(serializers.Serializer[Any]):
    """`version` is the one that was read."""

    version = serializers.IntegerField()
    visited_on = serializers.DateField()
    opinion = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    advice = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    marks = GivenMarkSerializer(many=True)
    points = GivenPointSerializer(many=True)


class VisitFilesSerializer(serializers.Serializer[Any]):
    files = serializers.ListField(child=serializers.FileField())


class PointAnswerSerializer(serializers.Serializer[Any]):
    answer = serializers.CharField(max_length=2000)


class SettleSerializer(serializers.Serializer[Any]):
    accept = serializers.BooleanField()
    opinion = serializers.CharField(required=False, default="", allow_blank=True, max_length=1000)


class CancelSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()


class InspectionViewSet(ReadOnlyModelViewSet[Inspection]):
    """Inspections one sees, newest first."""

    queryset = Inspection.objects.none()
    serializer_class = InspectionSerializer
    filterset_fields = ("project", "base", "state", "method")

    def get_queryset(self) -> QuerySet[Inspection]:
        rows = Inspection.objects.visible_to(actor_of(self.request)).prefetch_related(
            "inspectors", "marks", "points"
        )
        return rows.select_related(
            "project__program__rulebook", "project__program__office__parent", "training_class", "base"
        )

    @extend_schema(request=VisitPlanSerializer, responses={201: InspectionSerializer(many=True)})
    @action(detail=False, methods=["post"], pagination_class=None, filterset_fields=None)
    def plan(self, request: Request) -> Response:
        """Plan a visit to each of the projects."""
        given = valid(VisitPlanSerializer, request)
        programs = Program.objects.visible_to(actor_of(request)).select_related("rulebook", "office__parent")
        program = get_object_or_404(programs, pk=given["program"])
        key = given.get("training_class")
        plan = inspections.VisitPlan(
            given["planned_on"],
            given["method"],
            list(User.objects.filter(pk__in=given["inspectors"])),
            get_object_or_404(TrainingClass.objects.visible_to(actor_of(request)), pk=key) if key else None,
        )
        projects = list(program.projects.filter(pk__in=given["projects"]).select_related("base"))
        made = inspections.plan_inspections(actor_of(request), program, projects=projects, plan=plan)
        rows = self.get_queryset().filter(pk__in=[each.pk for each in made])
        return Response(self.get_serializer(rows, many=True).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=CancelSerializer, responses=InspectionSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Cancel a planned visit."""
        found = self.get_object()
        inspections.cancel_inspection(actor_of(request), found, **valid(CancelSerializer, request))
        return self._answer()

    @extend_schema(request=RecordSerializer, responses=InspectionSerializer)
    @action(detail=True, methods=["post"])
    def record(self, request: Request, pk: str) -> Response:
        """Keep what was seen so far."""
        given, found = valid(RecordSerializer, request), self.get_object()
        items = found.rulebook.inspection_items.in_bulk()
        record = visiting.VisitRecord(
            given["visited_on"],
            given["opinion"],
            given["advice"],
            {each["item"]: (each["points"], each["note"]) for each in given["marks"]},
            [
                visiting.PointDraft(each["text"], items.get(each["item"]), each["demands"])
                for each in given["points"]
            ],
        )
        visiting.record_visit(actor_of(request), found, version=given["version"], record=record)
        return self._answer()

    @extend_schema(request=VisitFilesSerializer, responses=InspectionSerializer)
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def files(self, request: Request, pk: str) -> Response:
        """Photographs and documents of the visit."""
        files = request.FILES.getlist("files")
        visiting.add_files(actor_of(request), self.get_object(), files=files)
        return self._answer()

    @extend_schema(request=None, responses=InspectionSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Hand the record in."""
        visiting.submit_visit(actor_of(request), self.get_object())
        return self._answer()

    @extend_schema(request=None, responses=InspectionSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Close a visit whose findings are settled."""
        following_up.close_inspection(actor_of(request), self.get_object())
        return self._answer()

    def _answer(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data)


class PointViewSet(ReadOnlyModelViewSet[InspectionPoint]):
    """Findings of the inspections one sees."""

    queryset = InspectionPoint.objects.none()
    serializer_class = PointSerializer
    filterset_fields = ("inspection", "state")

    def get_queryset(self) -> QuerySet[InspectionPoint]:
        seen = Inspection.objects.visible_to(actor_of(self.request))
        rows = InspectionPoint.objects.filter(inspection__in=seen).order_by("-pk")
        return rows.select_related("inspection__base", "inspection__project__program__office__parent")

    @extend_schema(request=PointAnswerSerializer, responses=PointSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """The base's answer."""
        given = valid(PointAnswerSerializer, request)
        return Response(
            PointSerializer(following_up.answer_point(actor_of(request), self.get_object(), **given)).data
        )

    @extend_schema(request=SettleSerializer, responses=PointSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        """Accept the answer or return it."""
        given = valid(SettleSerializer, request)
        return Response(
            PointSerializer(following_up.settle_point(actor_of(request), self.get_object(), **given)).data
        )


class CircularSerializer(serializers.ModelSerializer[Circular]):
    class Meta:
        model = Circular
        fields = ["id", "program", "title", "text", "inspections", "by_name", "at"]
        read_only_fields = fields


class CirculateSerializer(serializers.Serializer[Any]):
    program = serializers.IntegerField()
    title = serializers.CharField(max_length=120)
    text = serializers.CharField()
    inspections = serializers.ListField(child=serializers.IntegerField())
    organizations = serializers.ListField(child=serializers.IntegerField())


class CircularViewSet(ReadOnlyModelViewSet[Circular]):
    """Circulars one sees, newest first."""

    queryset = Circular.objects.none()
    serializer_class = CircularSerializer
    filterset_fields = ("program",)

    def get_queryset(self) -> QuerySet[Circular]:
        return Circular.objects.visible_to(actor_of(self.request)).prefetch_related("inspections")

    @extend_schema(request=CirculateSerializer, responses={201: CircularSerializer})
    @action(detail=False, methods=["post"])
    def circulate(self, request: Request) -> Response:
        """Send the results of inspections to organisations."""
        given, actor = valid(CirculateSerializer, request), actor_of(request)
        programs = Program.objects.visible_to(actor).select_related("rulebook", "office__parent")
        made = circulate(
            actor,
            get_object_or_404(programs, pk=given["program"]),
            title=given["title"],
            text=given["text"],
            inspections=list(Inspection.objects.visible_to(actor).filter(pk__in=given["inspections"])),
            organizations=list(Organization.objects.active().filter(pk__in=given["organizations"])),
        )
        return Response(CircularSerializer(made).data, status=status.HTTP_201_CREATED)


router.register("inspections", InspectionViewSet)
router.register("inspection-points", PointViewSet)
router.register("circulars", CircularViewSet)
