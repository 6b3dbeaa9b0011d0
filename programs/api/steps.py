"""What is done with one class on its way, under /api/v1/classes/: needs, plan, notice, opening, finishing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from portal.api import actor_of, valid
from programs.api.training import (
    NeedsSerializer,
    NoticeInputSerializer,
    NoticeSerializer,
    PlanInputSerializer,
    PlanSerializer,
)
from programs.models import TrainingClass
from programs.services import notices, opening, plans


class StateSerializer(serializers.ModelSerializer[TrainingClass]):
    class Meta:
        model = TrainingClass
        fields = ["id", "name", "state", "version"]
        read_only_fields = fields


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()


class ClassSteps(GenericViewSet[TrainingClass]):
    """What is done with one class on its way: needs, plan, notice, opening, finishing."""

    @extend_schema(request=NeedsSerializer, responses=NeedsSerializer)
    @action(detail=True, methods=["put"])
    def needs(self, request: Request, pk: str) -> Response:
        """Record what the survey of needs found."""
        return Response(
            NeedsSerializer(_saved(request, self.get_object(), NeedsSerializer, plans.record_needs)).data
        )

    @extend_schema(request=PlanInputSerializer, responses=PlanSerializer)
    @action(detail=True, methods=["put"])
    def plan(self, request: Request, pk: str) -> Response:
        """Write the class's plan."""
        return Response(
            PlanSerializer(_saved(request, self.get_object(), PlanInputSerializer, plans.save_plan)).data
        )

    @extend_schema(request=NoticeInputSerializer, responses=NoticeSerializer)
    @action(detail=True, methods=["put"])
    def notice(self, request: Request, pk: str) -> Response:
        """Draw up the class's opening notice."""
        return Response(
            NoticeSerializer(
                _saved(request, self.get_object(), NoticeInputSerializer, notices.save_notice)
            ).data
        )

    @extend_schema(request=None, responses=StateSerializer)
    @action(detail=True, methods=["post"])
    def open(self, request: Request, pk: str) -> Response:
        """Open the class."""
        return Response(StateSerializer(opening.open_class(actor_of(request), self.get_object())).data)

    @extend_schema(request=None, responses=StateSerializer)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str) -> Response:
        """Finish the class."""
        return Response(StateSerializer(opening.finish_class(actor_of(request), self.get_object())).data)

    @extend_schema(request=ReasonSerializer, responses=StateSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Take a finished class back to open."""
        reason = valid(ReasonSerializer, request)["reason"]
        return Response(
            StateSerializer(opening.reopen_class(actor_of(request), self.get_object(), reason=reason)).data
        )


def _saved(
    request: Request,
    training_class: TrainingClass,
    serializer: type[serializers.BaseSerializer[Any]],
    save: Callable[..., Model],
) -> Any:
    """Save the given fields with the version they were made on."""
    given = valid(serializer, request)
    version = given.pop("version")
    return save(actor_of(request), training_class, values=given, version=version)
