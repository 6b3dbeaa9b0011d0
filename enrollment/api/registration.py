"""Enrolments under /api/v1/: the same lists, changes and refusals as the pages. Plain codes never leave here."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import ReadOnlyModelViewSet

from enrollment.models import Enrollment, Replacement, SchoolOpinion
from enrollment.services import forms, placing, registration, replacement, substitutes
from enrollment.services.registration import Confirmation
from portal.api import actor_of, router, valid
from portal.people.models import Teacher
from programs.models import TrainingClass


class EnrollmentSerializer(serializers.ModelSerializer[Enrollment]):
    name = serializers.CharField(source="teacher.name", read_only=True)

    class Meta:
        model = Enrollment
        fields = [
            "id",
            "nomination",
            "project",
            "training_class",
            "teacher",
            "name",
            "organization",
            "school",
            "state",
            "created_at",
            "registered_at",
            "confirmed_at",
        ]
        read_only_fields = fields


class EnrollmentReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()


class SubstituteSerializer(EnrollmentReasonSerializer):
    substitute = serializers.PrimaryKeyRelatedField(queryset=Teacher.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        request = self.context.get("request")
        if request is not None:
            self.fields["substitute"].queryset = Teacher.objects.visible_to(actor_of(request))  # type: ignore[attr-defined]


class ReplacementSerializer(serializers.ModelSerializer[Replacement]):
    class Meta:
        model = Replacement
        fields = ["id", "original", "substitute", "reason", "by_name", "at"]
        read_only_fields = fields


class OpinionSerializer(serializers.ModelSerializer[SchoolOpinion]):
    class Meta:
        model = SchoolOpinion
        fields = ["enrollment", "opinion", "by_name", "at"]
        read_only_fields = ["enrollment", "by_name", "at"]


class PlaceSerializer(serializers.Serializer[Any]):
    training_class = serializers.PrimaryKeyRelatedField(queryset=TrainingClass.objects.published())


class ConfirmationSerializer(serializers.Serializer[Any]):
    """Keys of enrolments to confirm together."""

    enrollments = serializers.ListField(child=serializers.IntegerField(), allow_empty=False, max_length=5000)


class ConfirmedSerializer(serializers.Serializer[Any]):
    confirmed = serializers.IntegerField()


class EnrollmentViewSet(ReadOnlyModelViewSet[Enrollment]):
    queryset = Enrollment.objects.none()
    serializer_class = EnrollmentSerializer
    filterset_fields = ("state", "project", "training_class", "school", "organization")

    def get_queryset(self) -> QuerySet[Enrollment]:
        rows = Enrollment.objects.visible_to(actor_of(self.request))
        return rows.select_related(
            "teacher__user",
            "teacher__school",
            "school",
            "organization",
            "project__base",
            "project__program__rulebook",
            "project__program__office__parent",
        )

    @extend_schema(request=ConfirmationSerializer, responses=ConfirmedSerializer)
    @action(detail=False, methods=["post"])
    def confirm_by_base(self, request: Request) -> Response:
        """Confirm registrations as the base."""
        return self._confirm(request, registration.confirm_by_base)

    @extend_schema(request=ConfirmationSerializer, responses=ConfirmedSerializer)
    @action(detail=False, methods=["post"])
    def confirm_by_office(self, request: Request) -> Response:
        """Confirm registrations as the office."""
        return self._confirm(request, registration.confirm_by_office)

    @extend_schema(request=EnrollmentReasonSerializer, responses=EnrollmentSerializer)
    @action(detail=True, methods=["post"])
    def send_back(self, request: Request, pk: str) -> Response:
        """Send the registration back to the trainee."""
        return self._changed(registration.send_back, EnrollmentReasonSerializer)

    @extend_schema(request=PlaceSerializer, responses=EnrollmentSerializer)
    @action(detail=True, methods=["post"])
    def place(self, request: Request, pk: str) -> Response:
        """Put the trainee into a class."""
        return self._changed(placing.place, PlaceSerializer)

    @extend_schema(request=EnrollmentReasonSerializer, responses=EnrollmentSerializer)
    @action(detail=True, methods=["post"])
    def give_up_seat(self, request: Request, pk: str) -> Response:
        """Send nobody in the place of a replaced trainee."""
        return self._changed(substitutes.give_up_seat, EnrollmentReasonSerializer)

    @extend_schema(request=SubstituteSerializer, responses=ReplacementSerializer)
    @action(detail=True, methods=["post"])
    def replace(self, request: Request, pk: str) -> Response:
        """Replace the trainee by a colleague."""
        given = valid(SubstituteSerializer, self.request)
        made = replacement.replace(actor_of(request), self.get_object(), **given)
        return Response(ReplacementSerializer(made).data)

    @extend_schema(request=SubstituteSerializer, responses=ReplacementSerializer)
    @action(detail=True, methods=["post"])
    def send_another(self, request: Request, pk: str) -> Response:
        """Send another substitute after one was not approved."""
        given = valid(SubstituteSerializer, self.request)
        made = substitutes.send_another(actor_of(request), self.get_object(), **given)
        return Response(ReplacementSerializer(made).data)

    @extend_schema(request=OpinionSerializer, responses=OpinionSerializer)
    @action(detail=True, methods=["post"])
    def approve_form(self, request: Request, pk: str) -> Response:
        """Record the school's opinion on the recommendation form."""
        given = valid(OpinionSerializer, self.request)
        made = forms.approve_form(actor_of(request), self.get_object(), **given)
        return Response(OpinionSerializer(made).data)

    def _changed(self, verb: Any, kind: type[Serializer[Any]]) -> Response:
        done = verb(actor_of(self.request), self.get_object(), **valid(kind, self.request))
        return Response(EnrollmentSerializer(done).data)

    def _confirm(self, request: Request, verb: Any) -> Response:
        keys = valid(ConfirmationSerializer, self.request)["enrollments"]
        chosen = Confirmation(Enrollment.objects.filter(pk__in=keys), actor_of(request))
        return Response({"confirmed": verb(actor_of(request), chosen)})


router.register("enrollments", EnrollmentViewSet)
