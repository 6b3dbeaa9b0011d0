"""Nominations and their sheets under /api/v1/: the same lists, acts and refusals as the pages."""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from enrollment.models import Nomination, NominationSheet
from enrollment.services import nominations, sheets
from portal.api import actor_of, router, valid
from portal.errors import Invalid
from portal.people.models import Teacher
from portal.ui.filters import FilterSet
from programs.models import Program, Project

M = TypeVar("M", bound=Model)


class NominationSerializer(serializers.ModelSerializer[Nomination]):
    """`findings` are the verdicts of the rules with their clauses. Numbers of documents are masked."""

    name = serializers.CharField(source="teacher.name", read_only=True)
    masked_id = serializers.CharField(source="teacher.masked_id", read_only=True)

    class Meta:
        model = Nomination
        fields = [
            *("id", "program", "project", "training_class", "teacher", "name", "masked_id", "organization"),
            *("school", "quota", "sheet", "substitute_for", "state", "verdict", "findings", "opinion"),
            *("note", "created_at", "submitted_at", "decided_at"),
        ]
        read_only_fields = fields


class SheetSerializer(serializers.ModelSerializer[NominationSheet]):
    class Meta:
        model = NominationSheet
        fields = [
            *("id", "program", "organization", "batch", "scan_name", "scan_sha256", "scan_required", "state"),
            *("created_at", "submitted_at"),
        ]
        read_only_fields = fields


class PersonSerializer(serializers.Serializer[Any]):
    teacher = serializers.IntegerField()
    project = serializers.IntegerField()
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class NominateSerializer(serializers.Serializer[Any]):
    program = serializers.IntegerField()
    people = PersonSerializer(many=True)


class NominationReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()


class NoteSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class ScanSerializer(serializers.Serializer[Any]):
    scan = serializers.FileField(required=False)


class NominationFilter(FilterSet):
    class Meta:
        model = Nomination
        fields = ["program", "project", "organization", "school", "state", "verdict", "sheet"]


class NominationViewSet(ReadOnlyModelViewSet[Nomination]):
    """Nominations one sees, newest first."""

    queryset = Nomination.objects.none()
    serializer_class = NominationSerializer
    filterset_class = NominationFilter

    def get_queryset(self) -> QuerySet[Nomination]:
        rows = Nomination.objects.visible_to(actor_of(self.request))
        return rows.select_related(
            "teacher__school",
            "organization",
            "school",
            "project__audience",
            "project__program",
            "program__rulebook",
            "quota",
            "substitute_for",
        )

    @extend_schema(request=NominateSerializer, responses={201: NominationSerializer(many=True)})
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def nominate(self, request: Request) -> Response:
        """A school puts people forward to its bureau."""
        standing, proposals = _proposed(request)
        made = nominations.nominate(actor_of(request), standing, proposals=proposals)
        return Response(NominationSerializer(made, many=True).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=NominationReasonSerializer, responses=NominationSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take a nomination back; its seat is free again."""
        given = valid(NominationReasonSerializer, request)
        return _answer(nominations.withdraw(actor_of(request), self.get_object(), **given))

    @extend_schema(request=NoteSerializer, responses=NominationSerializer)
    @action(detail=True, methods=["post"])
    def resubmit(self, request: Request, pk: str) -> Response:
        """Send a returned nomination again."""
        return _answer(
            nominations.resubmit(actor_of(request), self.get_object(), **valid(NoteSerializer, request))
        )


class SheetViewSet(ReadOnlyModelViewSet[NominationSheet]):
    """Nomination sheets one sees, newest first. Uploaded sheets come through /imports/."""

    queryset = NominationSheet.objects.none()
    serializer_class = SheetSerializer
    filterset_fields = ("program", "organization", "state")

    def get_queryset(self) -> QuerySet[NominationSheet]:
        rows = NominationSheet.objects.visible_to(actor_of(self.request))
        return rows.select_related("program__rulebook", "organization")

    @extend_schema(request=NominateSerializer, responses={201: SheetSerializer})
    @action(detail=False, methods=["post"])
    def draft(self, request: Request) -> Response:
        """A bureau or college draws up a sheet of people; it holds their seats."""
        standing, proposals = _proposed(request)
        made = sheets.draft_sheet(actor_of(request), standing, proposals=proposals)
        return Response(SheetSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request={"multipart/form-data": ScanSerializer}, responses=SheetSerializer)
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser, FormParser])
    def submit(self, request: Request, pk: str) -> Response:
        """Submit the sheet with its stamped scan (PDF, JPG, PNG)."""
        scan: UploadedFile[bytes] | None = valid(ScanSerializer, request).get("scan")
        return Response(
            SheetSerializer(sheets.submit_sheet(actor_of(request), self.get_object(), scan=scan)).data
        )

    @extend_schema(request=NominationReasonSerializer, responses=SheetSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Give up a sheet that was not submitted."""
        given = valid(NominationReasonSerializer, request)
        return Response(
            SheetSerializer(sheets.withdraw_sheet(actor_of(request), self.get_object(), **given)).data
        )


def _answer(nomination: Nomination) -> Response:
    return Response(NominationSerializer(nomination).data)


def _proposed(request: Request) -> tuple[nominations.Standing, list[nominations.Proposal]]:
    """Whom the actor's organisation proposes, read through what the actor sees. Raises Invalid for what is not seen."""
    given, actor = valid(NominateSerializer, request), actor_of(request)
    people = given["people"]
    programs = Program.objects.visible_to(actor).select_related("rulebook", "office__parent")
    projects = Project.objects.visible_to(actor).select_related("audience", "program__rulebook", "base")
    teachers = Teacher.objects.visible_to(actor).select_related("school")
    program = programs.filter(pk=given["program"]).first()
    if program is None or actor.organization is None:
        raise Invalid(_("没有找到年度计划。"), field="program")
    known_projects = projects.filter(program=program).in_bulk({each["project"] for each in people})
    known_teachers = teachers.in_bulk({each["teacher"] for each in people})
    return nominations.Standing(program, actor.organization), [
        nominations.Proposal(
            _found(known_teachers, each, "teacher"),
            _found(known_projects, each, "project"),
            note=each["note"],
        )
        for each in people
    ]


def _found(known: dict[int, M], person: dict[str, Any], name: str) -> M:
    found = known.get(person[name])
    if found is None:
        raise Invalid(_("没有找到编号为%(key)s的记录。") % {"key": person[name]}, field=name)
    return found


router.register("nominations", NominationViewSet, basename="nomination")
router.register("nomination-sheets", SheetViewSet, basename="nomination-sheet")
