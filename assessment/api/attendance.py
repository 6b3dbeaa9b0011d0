"""Half-days, attendance and leave under /api/v1/: the same lists, acts and refusals as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from assessment.models import Attendance, AttendanceStatus, LeaveRequest, Session, Submission
from assessment.services import attendance, leave
from enrollment import tokens
from enrollment.api.arrivals import own_place
from enrollment.models import Enrollment
from portal.api import actor_of, router, valid


class SessionSerializer(serializers.ModelSerializer[Session]):
    class Meta:
        model = Session
        fields = ["id", "training_class", "day", "half", "starts_at", "ends_at", "taken_at"]
        read_only_fields = fields


class AttendanceSerializer(serializers.ModelSerializer[Attendance]):
    class Meta:
        model = Attendance
        fields = ["id", "session", "enrollment", "status", "method", "at", "by_name"]
        read_only_fields = fields


class MarkSerializer(serializers.Serializer[Any]):
    enrollment = serializers.IntegerField()
    status = serializers.ChoiceField(choices=AttendanceStatus.choices)


class ListSerializer(serializers.Serializer[Any]):
    """One sending: `nonce` is made by the device, and kept when it sends again."""

    nonce = serializers.UUIDField()
    marks = MarkSerializer(many=True)
    rest = serializers.ChoiceField(choices=AttendanceStatus.choices, default="", allow_blank=True)
    reason = serializers.CharField(default="", allow_blank=True)


class SubmissionSerializer(serializers.ModelSerializer[Submission]):
    class Meta:
        model = Submission
        fields = ["nonce", "session", "at", "changed"]
        read_only_fields = fields


class ScanSerializer(serializers.Serializer[Any]):
    token = serializers.CharField()
    nonce = serializers.UUIDField()


class SessionViewSet(ReadOnlyModelViewSet[Session]):
    queryset = Session.objects.none()
    serializer_class = SessionSerializer
    filterset_fields = ("training_class", "day", "half")

    def get_queryset(self) -> QuerySet[Session]:
        rows = Session.objects.visible_to(actor_of(self.request))
        return rows.select_related("training_class__base", "training_class__project__program__rulebook")

    @extend_schema(responses=AttendanceSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_fields=())
    def marks(self, request: Request, pk: str) -> Response:
        """Who is marked as what; a trainee sees the own mark."""
        seen = Enrollment.objects.visible_to(actor_of(request)).order_by().values("pk")
        rows = self.get_object().attendances.filter(enrollment__in=seen)
        return Response(AttendanceSerializer(rows, many=True).data)

    @extend_schema(request=ListSerializer, responses=SubmissionSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str) -> Response:
        """Mark the list."""
        data = valid(ListSerializer, request)
        data["marks"] = {each["enrollment"]: each["status"] for each in data["marks"]}
        done = attendance.take_attendance(actor_of(request), self.get_object(), **data)
        return Response(SubmissionSerializer(done).data)

    @extend_schema(request=ScanSerializer, responses=AttendanceSerializer)
    @action(detail=False, methods=["post"])
    def scan(self, request: Request) -> Response:
        """A trainee signs in by the code on the class teacher's screen."""
        given = valid(ScanSerializer, request)
        key = tokens.read(attendance.PURPOSE, given["token"])
        found = get_object_or_404(Session.objects.visible_to(actor_of(request)), pk=key)
        person = own_place(request, found.training_class_id)
        done = attendance.scan_attendance(actor_of(request), person, **given)
        return Response(AttendanceSerializer(done).data)


class LeaveSerializer(serializers.ModelSerializer[LeaveRequest]):
    class Meta:
        model = LeaveRequest
        fields = [
            *("id", "enrollment", "first", "last", "reason", "state"),
            *("created_at", "decided_at", "decided_by_name", "opinion"),
        ]
        read_only_fields = fields


class LeaveInputSerializer(serializers.Serializer[Any]):
    enrollment = serializers.IntegerField()
    first = serializers.IntegerField()
    last = serializers.IntegerField()
    reason = serializers.CharField()


class LeaveDecisionSerializer(serializers.Serializer[Any]):
    approve = serializers.BooleanField()
    opinion = serializers.CharField(default="", allow_blank=True)


class LeaveViewSet(ReadOnlyModelViewSet[LeaveRequest]):
    queryset = LeaveRequest.objects.none()
    serializer_class = LeaveSerializer
    filterset_fields = ("enrollment", "state")

    def get_queryset(self) -> QuerySet[LeaveRequest]:
        rows = LeaveRequest.objects.visible_to(actor_of(self.request))
        return rows.select_related(
            "enrollment__teacher__user",
            "enrollment__training_class",
            "enrollment__project__program__rulebook",
            "first",
            "last",
        )

    @extend_schema(request=LeaveInputSerializer, responses={201: LeaveSerializer})
    @action(detail=False, methods=["post"])
    def ask(self, request: Request) -> Response:
        """Ask for leave in one's own class."""
        data = valid(LeaveInputSerializer, request)
        mine = Enrollment.objects.visible_to(actor_of(request)).select_related(
            "teacher__user", "training_class"
        )
        sessions = Session.objects.visible_to(actor_of(request))
        made = leave.request_leave(
            actor_of(request),
            get_object_or_404(mine, pk=data["enrollment"]),
            first=get_object_or_404(sessions, pk=data["first"]),
            last=get_object_or_404(sessions, pk=data["last"]),
            reason=data["reason"],
        )
        return Response(LeaveSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=LeaveDecisionSerializer, responses=LeaveSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Approve or refuse."""
        done = leave.decide_leave(
            actor_of(request), self.get_object(), **valid(LeaveDecisionSerializer, request)
        )
        return Response(LeaveSerializer(done).data)

    @extend_schema(request=None, responses=LeaveSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take one's own request back."""
        return Response(LeaveSerializer(leave.withdraw_leave(actor_of(request), self.get_object())).data)


router.register("sessions", SessionViewSet)
router.register("leave-requests", LeaveViewSet)
