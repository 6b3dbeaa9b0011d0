"""Plans, opening notices and deliverables under /api/v1/: the same lists, changes and refusals as the pages."""

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
from programs.models import (
    Deliverable,
    NeedsSummary,
    OpeningNotice,
    Submission,
    TrainingPlan,
)
from programs.services import correcting, handing_in, notices, plans
from programs.services.notices import FIELDS as NOTICE_FIELDS
from programs.services.plans import NEEDS_FIELDS, PLAN_FIELDS
from programs.tables.training import OwedFilter, PlanFilter

CLASS_PARTS = (
    "training_class__project__program__rulebook",
    "training_class__project__program__office__parent",
    "training_class__base",
    "training_class__needs",
)


class VersionSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(default=0)


class NeedsSerializer(serializers.ModelSerializer[NeedsSummary]):
    version = serializers.IntegerField(default=0)

    class Meta:
        model = NeedsSummary
        fields = [*NEEDS_FIELDS, "version"]


class PlanSerializer(serializers.ModelSerializer[TrainingPlan]):
    class Meta:
        model = TrainingPlan
        fields = [
            *("id", "training_class", "state", "submitted_at", "late", "decided_at", "opinion"),
            *PLAN_FIELDS,
            "version",
        ]
        read_only_fields = fields


class PlanInputSerializer(serializers.ModelSerializer[TrainingPlan]):
    version = serializers.IntegerField(default=0)

    class Meta:
        model = TrainingPlan
        fields = [*PLAN_FIELDS, "version"]


class NoticeSerializer(serializers.ModelSerializer[OpeningNotice]):
    class Meta:
        model = OpeningNotice
        fields = ["id", "training_class", *NOTICE_FIELDS, "issued_at", "issued_by", "edition", "version"]
        read_only_fields = fields


class NoticeInputSerializer(serializers.ModelSerializer[OpeningNotice]):
    version = serializers.IntegerField(default=0)

    class Meta:
        model = OpeningNotice
        fields = [*NOTICE_FIELDS, "version"]


class NoticeCorrectionSerializer(NoticeInputSerializer):
    """The whole notice anew, and what was changed."""

    reason = serializers.CharField(max_length=500)

    class Meta(NoticeInputSerializer.Meta):
        fields = [*NoticeInputSerializer.Meta.fields, "reason"]


class SubmissionSerializer(serializers.ModelSerializer[Submission]):
    class Meta:
        model = Submission
        fields = [
            *("id", "deliverable", "title", "text", "state", "late"),
            *("submitted_at", "submitted_by", "decided_at", "decided_by", "opinion"),
        ]
        read_only_fields = fields


class DeliverableSerializer(serializers.ModelSerializer[Deliverable]):
    code = serializers.CharField(source="requirement.code", read_only=True)
    name = serializers.CharField(source="requirement.name", read_only=True)
    minimum = serializers.IntegerField(source="requirement.minimum", read_only=True)
    state = serializers.CharField(read_only=True)

    class Meta:
        model = Deliverable
        fields = [
            *("id", "training_class", "code", "name", "minimum", "due_on", "state"),
            *("handed_in", "accepted", "returned", "completed_at", "late"),
        ]
        read_only_fields = fields


class HandInSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=120)
    text = serializers.CharField(default="", allow_blank=True)
    files = serializers.ListField(child=serializers.FileField(), default=list, max_length=10)


class OpinionSerializer(serializers.Serializer[Any]):
    opinion = serializers.CharField(default="", allow_blank=True)


class PlanViewSet(ReadOnlyModelViewSet[TrainingPlan]):
    queryset = TrainingPlan.objects.none()
    serializer_class = PlanSerializer
    filterset_class = PlanFilter

    def get_queryset(self) -> QuerySet[TrainingPlan]:
        return TrainingPlan.objects.visible_to(actor_of(self.request)).select_related(*CLASS_PARTS)

    @extend_schema(request=VersionSerializer, responses=PlanSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Send the plan to the office."""
        version = valid(VersionSerializer, request)["version"]
        return Response(
            PlanSerializer(plans.submit_plan(actor_of(request), self.get_object(), version=version)).data
        )


class NoticeViewSet(ReadOnlyModelViewSet[OpeningNotice]):
    queryset = OpeningNotice.objects.none()
    serializer_class = NoticeSerializer
    filterset_fields = ("training_class",)

    def get_queryset(self) -> QuerySet[OpeningNotice]:
        rows = OpeningNotice.objects.visible_to(actor_of(self.request))
        return rows.select_related(*CLASS_PARTS, "training_class__plan")

    @extend_schema(request=VersionSerializer, responses=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def issue(self, request: Request, pk: str) -> Response:
        """Issue the notice."""
        version = valid(VersionSerializer, request)["version"]
        return Response(
            NoticeSerializer(notices.issue_notice(actor_of(request), self.get_object(), version=version)).data
        )

    @extend_schema(request=NoticeCorrectionSerializer, responses=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        """Correct an issued notice and issue it anew; receipts start again."""
        given = valid(NoticeCorrectionSerializer, request)
        version, reason = given.pop("version"), given.pop("reason")
        done = correcting.correct_notice(
            actor_of(request),
            self.get_object(),
            values=given,
            reason=reason,
            version=version,
        )
        return Response(NoticeSerializer(done).data)

    @extend_schema(request=None, responses=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        """Say that one has read it."""
        return Response(NoticeSerializer(notices.read_notice(actor_of(request), self.get_object())).data)


class DeliverableViewSet(ReadOnlyModelViewSet[Deliverable]):
    queryset = Deliverable.objects.none()
    serializer_class = DeliverableSerializer
    filterset_class = OwedFilter

    def get_queryset(self) -> QuerySet[Deliverable]:
        rows = Deliverable.objects.visible_to(actor_of(self.request))
        return rows.select_related("requirement", *CLASS_PARTS).order_by("due_on", "pk")

    @extend_schema(request=HandInSerializer, responses={201: SubmissionSerializer})
    @action(detail=True, methods=["post"])
    def hand_in(self, request: Request, pk: str) -> Response:
        """Hand in one copy."""
        found = self.get_object()
        given = valid(HandInSerializer, request)
        made = handing_in.hand_in(
            actor_of(request),
            found.training_class,
            code=found.requirement.code,
            **given,
        )
        return Response(SubmissionSerializer(made).data, status=status.HTTP_201_CREATED)


class SubmissionViewSet(ReadOnlyModelViewSet[Submission]):
    queryset = Submission.objects.none()
    serializer_class = SubmissionSerializer
    filterset_fields = ("deliverable", "state")

    def get_queryset(self) -> QuerySet[Submission]:
        rows = Submission.objects.visible_to(actor_of(self.request))
        parts = [f"deliverable__{each}" for each in CLASS_PARTS]
        return rows.select_related("deliverable__requirement", *parts).order_by("pk")

    @extend_schema(request=OpinionSerializer, responses=SubmissionSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Take what was handed in."""
        done = handing_in.accept(actor_of(request), self.get_object(), **valid(OpinionSerializer, request))
        return Response(SubmissionSerializer(done).data)

    @extend_schema(request=OpinionSerializer, responses=SubmissionSerializer)
    @action(detail=True, methods=["post"], url_path="return")
    def send_back(self, request: Request, pk: str) -> Response:
        """Return what was handed in, with the reason."""
        done = handing_in.send_back(actor_of(request), self.get_object(), **valid(OpinionSerializer, request))
        return Response(SubmissionSerializer(done).data)

    @extend_schema(request=HandInSerializer, responses=SubmissionSerializer)
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: str) -> Response:
        """Hand in a corrected copy."""
        done = handing_in.hand_in_again(
            actor_of(request), self.get_object(), **valid(HandInSerializer, request)
        )
        return Response(SubmissionSerializer(done).data)


router.register("plans", PlanViewSet)
router.register("opening-notices", NoticeViewSet)
router.register("deliverables", DeliverableViewSet)
router.register("submissions", SubmissionViewSet)
