"""Making a class in place of a cancelled one, under /api/v1/classes/. Source: CQ20-3.1."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from portal.api import actor_of, valid
from programs.forms.projects import CLASS_FIELDS
from programs.models import TrainingClass
from programs.services import replacing


class ReplacementSerializer(serializers.ModelSerializer[TrainingClass]):
    """`publishable_until`: until when the office lets the class be replaced, or its replacement be published."""

    class Meta:
        model = TrainingClass
        fields = ["id", "name", "number", "state", "replaces", "publishable_until", "version"]
        read_only_fields = fields


class ReplacingInputSerializer(serializers.ModelSerializer[TrainingClass]):
    class Meta:
        model = TrainingClass
        fields = list(CLASS_FIELDS)


class ConsentSerializer(serializers.Serializer[Any]):
    until = serializers.DateField(help_text="The last day on which the new class may be published.")
    reason = serializers.CharField()


class ClassReplacing(GenericViewSet[TrainingClass]):
    """The office's consent, and the class made with it."""

    @extend_schema(request=ConsentSerializer, responses=ReplacementSerializer)
    @action(detail=True, methods=["post"], url_path="allow-replacement")
    def allow_replacement(self, request: Request, pk: str) -> Response:
        """Let the base make a class in place of this cancelled one though the window has closed."""
        done = replacing.allow_replacement(
            actor_of(request), self.get_object(), **valid(ConsentSerializer, request)
        )
        return Response(ReplacementSerializer(done).data)

    @extend_schema(request=ReplacingInputSerializer, responses={201: ReplacementSerializer})
    @action(detail=True, methods=["post"])
    def replace(self, request: Request, pk: str) -> Response:
        """Add a class in draft in place of this cancelled one."""
        made = replacing.replace_class(
            actor_of(request), self.get_object(), values=valid(ReplacingInputSerializer, request)
        )
        return Response(ReplacementSerializer(made).data, status=status.HTTP_201_CREATED)
