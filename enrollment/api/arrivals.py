"""Arrivals under /api/v1/: the same list, acts and refusals as the pages."""

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

from enrollment import tokens
from enrollment.models import CheckIn, Enrollment
from enrollment.services import arrivals
from portal.api import actor_of, router, valid
from programs.models import TrainingClass
from programs.scopes import followed_by


class CheckInSerializer(serializers.ModelSerializer[CheckIn]):
    class Meta:
        model = CheckIn
        fields = ["id", "enrollment", "training_class", "state", "method", "form_copies", "at", "by_name"]
        read_only_fields = fields


class ArrivalSerializer(serializers.Serializer[Any]):
    enrollment = serializers.IntegerField()
    form_copies = serializers.IntegerField(min_value=0, max_value=20, default=0)


class ArrivalsSerializer(serializers.Serializer[Any]):
    """People of one class who have come."""

    training_class = serializers.IntegerField()
    arrivals = ArrivalSerializer(many=True)


class ArrivedSerializer(serializers.Serializer[Any]):
    changed = serializers.IntegerField()


class TokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField()


class CorrectionSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()


class CheckInViewSet(ReadOnlyModelViewSet[CheckIn]):
    queryset = CheckIn.objects.none()
    serializer_class = CheckInSerializer
    filterset_fields = ("training_class", "state")

    def get_queryset(self) -> QuerySet[CheckIn]:
        rows = CheckIn.objects.visible_to(actor_of(self.request))
        return rows.select_related(
            "enrollment__training_class__base", "enrollment__project__program__rulebook"
        )

    @extend_schema(request=ArrivalsSerializer, responses=ArrivedSerializer)
    @action(detail=False, methods=["post"])
    def check_in(self, request: Request) -> Response:
        """Write down who of a class has come."""
        given = valid(ArrivalsSerializer, request)
        found = class_of(request, given["training_class"])
        came = {each["enrollment"]: each["form_copies"] for each in given["arrivals"]}
        return Response({"changed": arrivals.check_in(actor_of(request), found, arrivals=came)})

    @extend_schema(request=TokenSerializer, responses=CheckInSerializer)
    @action(detail=False, methods=["post"])
    def scan(self, request: Request) -> Response:
        """A trainee reports by the code on the class teacher's screen."""
        token = valid(TokenSerializer, request)["token"]
        person = own_place(request, tokens.read(arrivals.PURPOSE, token))
        return Response(CheckInSerializer(arrivals.scan_in(actor_of(request), person, token=token)).data)

    @extend_schema(request=CorrectionSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        """Take an arrival back."""
        arrivals.correct_arrival(
            actor_of(request), self.get_object().enrollment, **valid(CorrectionSerializer, request)
        )
        return Response(status=204)


def class_of(request: Request, key: int) -> TrainingClass:
    """A class in whose daily work the caller has a part, as services need it."""
    rows = followed_by(actor_of(request)).select_related(
        "project__program__rulebook", "project__program__office__parent", "base"
    )
    return get_object_or_404(rows, pk=key)


def own_place(request: Request, training_class: int) -> Enrollment:
    """The caller's own place in a class."""
    rows = (
        Enrollment.objects.visible_to(actor_of(request))
        .on_roster()
        .select_related(
            "teacher__user", "project__program__rulebook", "training_class__project__program__rulebook"
        )
    )
    return get_object_or_404(rows, training_class=training_class)


router.register("check-ins", CheckInViewSet)
