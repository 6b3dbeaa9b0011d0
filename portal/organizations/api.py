"""Organisations under /api/v1/organizations/: the same operations and refusals as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.status import HTTP_201_CREATED
from rest_framework.viewsets import ReadOnlyModelViewSet

from portal.api import actor_of, router, valid
from portal.operations.registry import Operation
from portal.organizations import serializers as shapes
from portal.organizations.models import Organization
from portal.organizations.services import lifecycle, merge, records, tree
from portal.organizations.tables import find, rows_of


class OrganizationViewSet(ReadOnlyModelViewSet[Organization]):
    """The organisations whom the caller sees; `q` searches as the register does."""

    queryset = Organization.objects.none()
    serializer_class = shapes.OrganizationSerializer
    filterset_fields = ["kind", "parent", "active", "school_code", "region_code"]

    def get_queryset(self) -> QuerySet[Organization]:
        rows = rows_of(actor_of(self.request)).prefetch_related("former_names")
        text = self.request.query_params.get("q", "")
        return find(rows, text) if text else rows

    @extend_schema(request=shapes.NewOrganizationSerializer, responses={201: shapes.OrganizationSerializer})
    def create(self, request: Request) -> Response:
        """Make an organisation under `parent`."""
        given = valid(shapes.NewOrganizationSerializer, self.request)
        made = records.create(actor_of(self.request), given.pop("parent"), **given)
        return Response(self.get_serializer(made).data, status=HTTP_201_CREATED)

    @extend_schema(request=shapes.OrganizationDataSerializer, responses=shapes.OrganizationSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Set any of the fields named."""
        return self._do(records.update, shapes.OrganizationDataSerializer)

    @extend_schema(request=shapes.OrganizationContactSerializer, responses=shapes.OrganizationSerializer)
    @action(detail=True, methods=["patch"])
    def contact(self, request: Request, pk: str) -> Response:
        """Set the own organisation's contact."""
        return self._do(records.update_contact, shapes.OrganizationContactSerializer)

    @extend_schema(request=shapes.OrganizationRenameSerializer, responses=shapes.OrganizationSerializer)
    @action(detail=True, methods=["post"])
    def rename(self, request: Request, pk: str) -> Response:
        """Give a new name; the former one is kept."""
        return self._do(lifecycle.rename, shapes.OrganizationRenameSerializer)

    @extend_schema(request=shapes.OrganizationMoveSerializer, responses=shapes.OrganizationSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Put under another superior, with all below."""
        return self._do(tree.move, shapes.OrganizationMoveSerializer)

    @extend_schema(request=shapes.OrganizationMergeSerializer, responses=shapes.OrganizationSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        """Merge into another; the answer is that other."""
        return self._do(merge.merge, shapes.OrganizationMergeSerializer)

    @extend_schema(request=shapes.OrganizationReasonSerializer, responses=shapes.OrganizationSerializer)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str) -> Response:
        """Take out of use."""
        return self._do(lifecycle.deactivate, shapes.OrganizationReasonSerializer)

    @extend_schema(request=shapes.OrganizationReasonSerializer, responses=shapes.OrganizationSerializer)
    @action(detail=True, methods=["post"])
    def reactivate(self, request: Request, pk: str) -> Response:
        """Bring back into use."""
        return self._do(lifecycle.reactivate, shapes.OrganizationReasonSerializer)

    def _do(
        self, operation: Operation[Organization, Any, Organization], shape: type[Serializer[Any]]
    ) -> Response:
        subject = self.get_object()
        done = operation(actor_of(self.request), subject, **valid(shape, self.request))
        return Response(self.get_serializer(rows_of(actor_of(self.request)).get(pk=done.pk)).data)


router.register("organizations", OrganizationViewSet, basename="organization")
