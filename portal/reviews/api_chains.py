"""Review chains under /api/v1/review-chains/: to read, and to change as their page does."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api import actor_of, router
from portal.reviews.models import ReviewChain, ReviewStep
from portal.rulebook.api import ChangeSerializer, PartViewSet
from portal.rulebook.row_forms import MOST_ROWS
from portal.rulebook.services.chains import Step, edit_chain


class ChainStepSerializer(serializers.ModelSerializer[ReviewStep]):
    class Meta:
        model = ReviewStep
        fields = ["name", "role", "where", "days"]


class ReviewChainSerializer(serializers.ModelSerializer[ReviewChain]):
    clause = serializers.CharField(source="clause.code", default=None, read_only=True)
    steps = ChainStepSerializer(many=True, read_only=True)

    class Meta:
        model = ReviewChain
        fields = ["id", "rulebook", "subject_kind", "organization_kind", "name", "clause", "phase", "steps"]
        read_only_fields = fields


class ChainChangeSerializer(ChangeSerializer):
    """The chain's steps anew, in their order. `version` is the rulebook's."""

    steps = ChainStepSerializer(many=True, max_length=MOST_ROWS)  # type: ignore[call-arg]


class ReviewChainViewSet(PartViewSet):
    """Who decides what, step by step."""

    queryset = ReviewChain.objects.prefetch_related("steps")
    serializer_class = ReviewChainSerializer
    filterset_fields = ("rulebook", "subject_kind", "organization_kind")

    @extend_schema(request=ChainChangeSerializer, responses=ReviewChainSerializer)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        """Give the chain other steps; reviews under way go on by their place."""
        asked = ChainChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        change = asked.change()
        steps = [Step(**row) for row in change.pop("values")["steps"]]
        edit_chain(actor_of(request), self.get_object(), steps=steps, **change)
        return Response(ReviewChainSerializer(self.get_object()).data)


router.register("review-chains", ReviewChainViewSet)
