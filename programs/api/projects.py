"""Programmes, projects, classes and lessons under /api/v1/: the same lists, changes and refusals as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from portal.api import actor_of, router, valid
from portal.rulebook.api import RuleFindingSerializer
from programs.api.replacing import ClassReplacing
from programs.api.steps import ClassSteps
from programs.forms.projects import CLASS_FIELDS
from programs.models import Audience, Lesson, Program, Project, TrainingClass
from programs.services import cancelling, classes, closing, programs, projects
from programs.services.checking import publication_findings
from programs.services.projects import AUDIENCE_FIELDS, FIELDS


class ProgramSerializer(serializers.ModelSerializer[Program]):
    class Meta:
        model = Program
        fields = ["id", "name", "year", "level", "state", "office", "rulebook", "demo", "version"]
        read_only_fields = fields


class AudienceSerializer(serializers.ModelSerializer[Audience]):
    class Meta:
        model = Audience
        fields = list(AUDIENCE_FIELDS)


class ProjectSerializer(serializers.ModelSerializer[Project]):
    audience = AudienceSerializer(read_only=True)

    class Meta:
        model = Project
        fields = ["id", "program", *FIELDS, "audience", "version"]
        read_only_fields = fields


class ProjectInputSerializer(serializers.ModelSerializer[Project]):
    """A project with its audience. Changes name the version they were made on; after publication a reason too."""

    audience = AudienceSerializer()
    version = serializers.IntegerField(default=0)
    reason = serializers.CharField(default="", allow_blank=True)

    class Meta:
        model = Project
        fields = [*FIELDS, "audience", "version", "reason"]
        validators: list[Any] = []

    def parts(self) -> tuple[dict[str, Any], dict[str, Any], int, str]:
        """values, audience, version, reason: as the services take them."""
        data = dict(self.validated_data)
        audience, version, reason = dict(data.pop("audience")), data.pop("version"), data.pop("reason")
        return data, audience, version, reason


class ClassSerializer(serializers.ModelSerializer[TrainingClass]):
    class Meta:
        model = TrainingClass
        fields = [
            "id",
            "project",
            "base",
            "number",
            *CLASS_FIELDS,
            "taken",
            "state",
            "published_at",
            "replaces",
            "publishable_until",
            "version",
        ]
        read_only_fields = fields


class ClassInputSerializer(serializers.ModelSerializer[TrainingClass]):
    class Meta:
        model = TrainingClass
        fields = list(CLASS_FIELDS)


class LessonSerializer(serializers.ModelSerializer[Lesson]):
    class Meta:
        model = Lesson
        exclude = ["training_class"]


class ProgramReasonSerializer(serializers.Serializer[Any]):
    """Why; it is kept and told."""

    reason = serializers.CharField()


class ProgramViewSet(ReadOnlyModelViewSet[Program]):
    queryset = Program.objects.none()
    serializer_class = ProgramSerializer
    filterset_fields = ("year", "state")

    def get_queryset(self) -> QuerySet[Program]:
        return Program.objects.visible_to(actor_of(self.request)).select_related("rulebook", "office__parent")

    @extend_schema(request=None, responses=ProgramSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Publish the programme."""
        done = programs.publish_program(actor_of(request), self.get_object())
        return Response(ProgramSerializer(done).data)

    @extend_schema(request=ProgramReasonSerializer, responses=ProgramSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """End the programme. Refused with the findings while classes or reviews are under way."""
        done = closing.close_program(
            actor_of(request), self.get_object(), **valid(ProgramReasonSerializer, request)
        )
        return Response(ProgramSerializer(done).data)

    @extend_schema(request=ProjectInputSerializer, responses={201: ProjectSerializer})
    @action(detail=True, methods=["post"], url_path="projects")
    def add_project(self, request: Request, pk: str) -> Response:
        """Add a project to the draft programme."""
        given = ProjectInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values, audience, _version, _reason = given.parts()
        made = projects.create_project(actor_of(request), self.get_object(), values=values, audience=audience)
        return Response(ProjectSerializer(made).data, status=status.HTTP_201_CREATED)


class ProjectViewSet(ReadOnlyModelViewSet[Project]):
    queryset = Project.objects.none()
    serializer_class = ProjectSerializer
    filterset_fields = ("program", "category", "base", "open_quota")

    def get_queryset(self) -> QuerySet[Project]:
        rows = Project.objects.visible_to(actor_of(self.request))
        return rows.select_related("audience", "program__rulebook", "program__office__parent", "base")

    @extend_schema(request=ProjectInputSerializer, responses=ProjectSerializer)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        """Change the project."""
        given = ProjectInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values, audience, version, reason = given.parts()
        done = projects.update_project(
            actor_of(request),
            self.get_object(),
            version=version,
            values=values,
            audience=audience,
            reason=reason,
        )
        return Response(ProjectSerializer(done).data)

    @extend_schema(request=ClassInputSerializer, responses={201: ClassSerializer})
    @action(detail=True, methods=["post"], url_path="classes")
    def add_class(self, request: Request, pk: str) -> Response:
        """Add a class in draft."""
        made = classes.create_class(
            actor_of(request), self.get_object(), values=valid(ClassInputSerializer, request)
        )
        return Response(ClassSerializer(made).data, status=status.HTTP_201_CREATED)


class ClassViewSet(ClassReplacing, ClassSteps, ReadOnlyModelViewSet[TrainingClass]):
    queryset = TrainingClass.objects.none()
    serializer_class = ClassSerializer
    filterset_fields = ("project", "base", "state")

    def get_queryset(self) -> QuerySet[TrainingClass]:
        rows = TrainingClass.objects.visible_to(actor_of(self.request))
        return rows.select_related("project__program__rulebook", "project__program__office__parent", "base")

    @extend_schema(request=None, responses=ClassSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Publish the class."""
        done = classes.publish_class(actor_of(request), self.get_object())
        return Response(ClassSerializer(done).data)

    @extend_schema(responses=RuleFindingSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_fields=())
    def findings(self, request: Request, pk: str) -> Response:
        """What the rules say of the class before it is published."""
        rows = [each.as_json() for each in publication_findings(self.get_object())]
        return Response(RuleFindingSerializer(rows, many=True).data)

    @extend_schema(request=ProgramReasonSerializer, responses=ClassSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take the class back to draft."""
        done = classes.withdraw_class(
            actor_of(request), self.get_object(), **valid(ProgramReasonSerializer, request)
        )
        return Response(ClassSerializer(done).data)

    @extend_schema(request=ProgramReasonSerializer, responses=ClassSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Cancel the class before it opens; its trainees keep their seats."""
        done = cancelling.cancel_class(
            actor_of(request), self.get_object(), **valid(ProgramReasonSerializer, request)
        )
        return Response(ClassSerializer(done).data)

    @extend_schema(request=LessonSerializer(many=True), responses=LessonSerializer(many=True))
    @action(detail=True, methods=["get", "put"], pagination_class=None, filterset_fields=())
    def lessons(self, request: Request, pk: str) -> Response:
        """The class's timetable; PUT replaces it whole."""
        found = self.get_object()
        if request.method == "PUT":
            given = LessonSerializer(data=request.data, many=True)
            given.is_valid(raise_exception=True)
            classes.set_timetable(
                actor_of(request), found, lessons=[dict(each) for each in given.validated_data]
            )
        return Response(LessonSerializer(found.lessons.all(), many=True).data)


router.register("programs", ProgramViewSet)
router.register("projects", ProjectViewSet)
router.register("classes", ClassViewSet)
