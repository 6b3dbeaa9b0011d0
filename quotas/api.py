"""Quota tables, quotas and the ledger under /api/v1/: the same lists, changes and refusals as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from portal.api import actor_of, router, valid
from portal.organizations.models import Organization
from quotas.models import Quota, QuotaCell, QuotaMovement, QuotaTable
from quotas.services import splitting, tables


class CellSerializer(serializers.ModelSerializer[QuotaCell]):
    class Meta:
        model = QuotaCell
        fields = ["organization", "project", "seats"]


class TableSerializer(serializers.ModelSerializer[QuotaTable]):
    class Meta:
        model = QuotaTable
        fields = ["id", "program", "kind", "state", "issued_at", "version"]
        read_only_fields = fields


class TableChangeSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(help_text="The version you saw; a newer one is a conflict.")
    reason = serializers.CharField(default="", allow_blank=True, max_length=200)
    cells = CellSerializer(many=True)


class VersionSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()


class QuotaSerializer(serializers.ModelSerializer[Quota]):
    free = serializers.IntegerField(read_only=True)

    class Meta:
        model = Quota
        fields = ["id", "project", "organization", "parent", "received", "passed", "held", "free"]
        read_only_fields = fields


class MovementSerializer(serializers.ModelSerializer[QuotaMovement]):
    class Meta:
        model = QuotaMovement
        fields = ["id", "kind", "received", "passed", "held", "counterpart", "reason", "by_name", "at"]
        read_only_fields = fields


class ShareSerializer(serializers.Serializer[Any]):
    organization = serializers.IntegerField()
    seats = serializers.IntegerField(min_value=0)


class SplitSerializer(serializers.Serializer[Any]):
    shares = ShareSerializer(many=True)
    reason = serializers.CharField(default="", allow_blank=True, max_length=200)


class SeatTransferSerializer(serializers.Serializer[Any]):
    target = serializers.PrimaryKeyRelatedField(queryset=Organization.objects.active())
    seats = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=200)


class QuotaTableViewSet(ReadOnlyModelViewSet[QuotaTable]):
    queryset = QuotaTable.objects.none()
    serializer_class = TableSerializer
    filterset_fields = ("program", "kind", "state")

    def get_queryset(self) -> QuerySet[QuotaTable]:
        rows = QuotaTable.objects.visible_to(actor_of(self.request))
        return rows.select_related("program__office__parent", "program__rulebook")

    @extend_schema(request=TableChangeSerializer, responses=CellSerializer(many=True))
    @action(detail=True, methods=["get", "post"], pagination_class=None, filterset_fields=())
    def cells(self, request: Request, pk: str) -> Response:
        """The cells; POST sets those named."""
        table = self.get_object()
        if request.method == "POST":
            data = valid(TableChangeSerializer, request)
            grid = {(each["organization"].pk, each["project"].pk): each["seats"] for each in data["cells"]}
            tables.edit_cells(
                actor_of(request), table, version=data["version"], grid=grid, reason=data["reason"]
            )
        return Response(CellSerializer(table.cells.all(), many=True).data)

    @extend_schema(request=VersionSerializer, responses=TableSerializer)
    @action(detail=True, methods=["post"])
    def issue(self, request: Request, pk: str) -> Response:
        """Issue the table."""
        done = tables.issue_table(actor_of(request), self.get_object(), **valid(VersionSerializer, request))
        return Response(TableSerializer(done).data)


class QuotaViewSet(ReadOnlyModelViewSet[Quota]):
    queryset = Quota.objects.none()
    serializer_class = QuotaSerializer
    filterset_fields = ("project", "organization", "parent")

    def get_queryset(self) -> QuerySet[Quota]:
        rows = Quota.objects.visible_to(actor_of(self.request))
        return rows.select_related(
            "project__program__rulebook", "project__program__office__parent", "organization__parent"
        )

    @extend_schema(responses=MovementSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_fields=())
    def movements(self, request: Request, pk: str) -> Response:
        """The quota's last hundred movements."""
        return Response(MovementSerializer(self.get_object().movements.all()[:100], many=True).data)

    @extend_schema(request=SplitSerializer, responses=QuotaSerializer)
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: str) -> Response:
        """Give the bureau's seats to its schools."""
        given = valid(SplitSerializer, request)
        seats = {each["organization"]: each["seats"] for each in given["shares"]}
        quota = self.get_object()
        splitting.split(actor_of(request), quota, seats=seats, reason=given["reason"])
        quota.refresh_from_db()
        return Response(QuotaSerializer(quota).data)

    @extend_schema(request=SeatTransferSerializer, responses=QuotaSerializer)
    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, pk: str) -> Response:
        """Move free seats to another organisation of the same level."""
        done = splitting.transfer(
            actor_of(request), self.get_object(), **valid(SeatTransferSerializer, request)
        )
        done.refresh_from_db()
        return Response(QuotaSerializer(done).data)


router.register("quota-tables", QuotaTableViewSet)
router.register("quotas", QuotaViewSet)
