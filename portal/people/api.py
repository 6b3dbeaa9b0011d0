"""Teachers and transfers under /api/v1/: the same operations, masks and refusals as the pages."""

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
from portal.people import serializers as shapes
from portal.people.models import Teacher, Transfer
from portal.people.queries import find
from portal.people.services import records, sensitive, transfers
from portal.people.tables import TeacherFilter, transfers_of
from portal.ui.filters import FilterSet


class TeacherViewSet(ReadOnlyModelViewSet[Teacher]):
    """The teachers whom the caller sees; `q` searches by name, initials or exact document number."""

    queryset = Teacher.objects.none()
    serializer_class = shapes.TeacherSerializer
    filterset_class = TeacherFilter

    def get_queryset(self) -> QuerySet[Teacher]:
        rows = Teacher.objects.visible_to(actor_of(self.request)).select_related("school")
        text = self.request.query_params.get("q", "")
        return find(rows, text) if text else rows

    @extend_schema(request=shapes.NewTeacherSerializer, responses={201: shapes.TeacherSerializer})
    def create(self, request: Request) -> Response:
        """Make the record of a teacher of `school`."""
        given = valid(shapes.NewTeacherSerializer, self.request)
        made = records.create_teacher(actor_of(self.request), given.pop("school"), **given)
        return Response(self.get_serializer(made).data, status=HTTP_201_CREATED)

    @extend_schema(request=shapes.TeacherDataSerializer, responses=shapes.TeacherSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Set any of the fields named."""
        return self._do(records.update_teacher, shapes.TeacherDataSerializer)

    @extend_schema(request=shapes.TeacherVersionedReasonSerializer, responses=shapes.TeacherSerializer)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str) -> Response:
        """The teacher left the school for good."""
        return self._do(records.deactivate_teacher, shapes.TeacherVersionedReasonSerializer)

    @extend_schema(request=shapes.TeacherVersionedReasonSerializer, responses=shapes.TeacherSerializer)
    @action(detail=True, methods=["post"])
    def reactivate(self, request: Request, pk: str) -> Response:
        """The teacher is back."""
        return self._do(records.reactivate_teacher, shapes.TeacherVersionedReasonSerializer)

    @extend_schema(request=shapes.TeacherReasonSerializer, responses=shapes.TeacherRevealedSerializer)
    @action(detail=True, methods=["post"])
    def reveal(self, request: Request, pk: str) -> Response:
        """The full numbers, for a reason; audited."""
        numbers = sensitive.reveal_id(
            actor_of(self.request), self.get_object(), **valid(shapes.TeacherReasonSerializer, self.request)
        )
        return Response(shapes.TeacherRevealedSerializer(numbers).data, headers={"Cache-Control": "no-store"})

    @extend_schema(request=shapes.TransferOutSerializer, responses={201: shapes.TransferSerializer})
    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, pk: str) -> Response:
        """Ask another school to take the teacher over."""
        asked = transfers.request_transfer(
            actor_of(self.request), self.get_object(), **valid(shapes.TransferOutSerializer, self.request)
        )
        return Response(shapes.TransferSerializer(asked).data, status=HTTP_201_CREATED)

    def _do(self, operation: Any, shape: type[Serializer[Any]]) -> Response:
        done = operation(actor_of(self.request), self.get_object(), **valid(shape, self.request))
        return Response(self.get_serializer(done).data)


class TransferFilter(FilterSet):
    class Meta:
        model = Transfer
        fields = ["state", "teacher"]


class TransferViewSet(ReadOnlyModelViewSet[Transfer]):
    """Transfers out of and into the schools in the caller's reach."""

    queryset = Transfer.objects.none()
    serializer_class = shapes.TransferSerializer
    filterset_class = TransferFilter

    def get_queryset(self) -> QuerySet[Transfer]:
        return transfers_of(actor_of(self.request))

    @extend_schema(request=shapes.TransferInSerializer, responses={201: shapes.TransferSerializer})
    def create(self, request: Request) -> Response:
        """Ask another school for a teacher, named by the document's number."""
        given = valid(shapes.TransferInSerializer, self.request)
        school: Any = actor_of(self.request).organization
        asked = transfers.request_transfer_in(actor_of(self.request), school, **given)
        return Response(self.get_serializer(asked).data, status=HTTP_201_CREATED)

    @extend_schema(request=None, responses=shapes.TransferSerializer)
    @action(detail=True, methods=["post"])
    def agree(self, request: Request, pk: str) -> Response:
        """The other side agrees: the teacher moves now."""
        return self._answer(transfers.agree_transfer(actor_of(self.request), self.get_object()))

    @extend_schema(request=shapes.TeacherReasonSerializer, responses=shapes.TransferSerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """The other side does not agree and says why."""
        given = valid(shapes.TeacherReasonSerializer, self.request)
        return self._answer(transfers.refuse_transfer(actor_of(self.request), self.get_object(), **given))

    @extend_schema(request=None, responses=shapes.TransferSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """The side that asked takes it back."""
        return self._answer(transfers.withdraw_transfer(actor_of(self.request), self.get_object()))

    def _answer(self, transfer: Transfer) -> Response:
        return Response(self.get_serializer(transfer).data)


router.register("teachers", TeacherViewSet, basename="teacher")
router.register("transfers", TransferViewSet, basename="transfer")
