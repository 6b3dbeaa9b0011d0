"""Reviews under /api/v1/reviews/: the same list, decisions and refusals as the pages."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from portal.accounts.models import User
from portal.api import actor_of, router, valid
from portal.reviews import api_chains  # noqa: F401 - registers its viewset
from portal.reviews.models import Decision, Review, ReviewQuerySet, ReviewState, Verdict
from portal.reviews.services import decide, decide_many, delegate, take_back
from portal.ui.filters import FilterSet


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    class Meta:
        model = Decision
        fields = ["step_name", "verdict", "opinion", "by_name", "organization", "delegated", "at"]
        read_only_fields = fields


class ReviewSerializer(serializers.ModelSerializer[Review]):
    kind = serializers.CharField(read_only=True)
    step = serializers.CharField(source="step.name", default=None, read_only=True)
    decisions = DecisionSerializer(many=True, read_only=True)
    waits_for_me = serializers.SerializerMethodField()

    class Meta:
        model = Review
        fields = [
            *("id", "kind", "subject_id", "title", "origin", "step", "reviewer", "delegate", "state"),
            *("opened_at", "due_at", "closed_at", "version", "waits_for_me", "decisions"),
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.BooleanField)
    def get_waits_for_me(self, review: Review) -> bool:
        return review.is_open and review.held_by(self.context["request"].actor)


class VerdictSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    opinion = serializers.CharField(required=False, default="", allow_blank=True, max_length=500)


class DecideSerializer(VerdictSerializer):
    version = serializers.IntegerField(
        required=False, help_text="The version you saw; a newer one is a conflict."
    )


class DecideManySerializer(VerdictSerializer):
    reviews = serializers.ListField(child=serializers.IntegerField(), max_length=5000)


class DelegateSerializer(serializers.Serializer[Any]):
    to = serializers.SlugRelatedField(slug_field="username", queryset=User.objects.filter(is_active=True))
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    version = serializers.IntegerField(required=False)


class ReviewApiFilter(FilterSet):
    kind = django_filters.CharFilter(field_name="chain__subject_kind")
    state = django_filters.ChoiceFilter(choices=ReviewState.choices)
    waiting = django_filters.BooleanFilter(method="by_waiting", label="Only what waits for me.")

    def by_waiting(self, rows: ReviewQuerySet, name: str, value: bool) -> QuerySet[Review]:
        return rows.waiting_for(actor_of(self.request)) if value else rows


TALLY = inline_serializer(
    "ReviewTally",
    {
        "decided": serializers.IntegerField(),
        "moved_on": serializers.IntegerField(),
        "skipped": serializers.IntegerField(),
    },
)


class ReviewViewSet(ReadOnlyModelViewSet[Review]):
    """Reviews that concern the person's organisation, newest first."""

    queryset = Review.objects.none()
    serializer_class = ReviewSerializer
    filterset_class = ReviewApiFilter

    def get_queryset(self) -> ReviewQuerySet:
        rows = Review.objects.visible_to(actor_of(self.request))
        return rows.select_related("chain__rulebook", "step").prefetch_related("decisions")

    @extend_schema(request=DecideSerializer, responses=ReviewSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Approve, return for correction or reject at the present step."""
        return self._do(decide, DecideSerializer(data=request.data))

    @extend_schema(request=DelegateSerializer, responses=ReviewSerializer)
    @action(detail=True, methods=["post"])
    def delegate(self, request: Request, pk: str) -> Response:
        """Let another person decide the present step too."""
        return self._do(delegate, DelegateSerializer(data=request.data))

    @extend_schema(request=None, responses=ReviewSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """End the delegation of the present step."""
        return self._do(take_back, serializers.Serializer(data={}))

    @extend_schema(request=DecideManySerializer, responses=TALLY)
    @action(detail=False, methods=["post"], url_path="decide-many")
    def decide_many(self, request: Request) -> Response:
        """Decide all of the named reviews that wait for the person; the others are counted as skipped."""
        values = valid(DecideManySerializer, request)
        rows = Review.objects.visible_to(actor_of(request)).filter(pk__in=values.pop("reviews"))
        tally = decide_many(actor_of(request), rows, **values)
        return Response({"decided": tally.decided, "moved_on": tally.moved_on, "skipped": tally.skipped})

    def _do(self, operation: Any, given: serializers.Serializer[Any]) -> Response:
        review = self.get_object()
        given.is_valid(raise_exception=True)
        operation(actor_of(self.request), review, **given.validated_data)
        return Response(self.get_serializer(self.get_object()).data)


router.register("reviews", ReviewViewSet, basename="review")
