"""One's own messages under /api/v1/messages/."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from portal.api import actor_of, router
from portal.messages.models import Message, MessageQuerySet
from portal.messages.services import mark_all_read, read

MARKED = inline_serializer(
    "MarkedMessages", {"marked": serializers.IntegerField(help_text="How many were unread.")}
)


class MessageSerializer(serializers.ModelSerializer[Message]):
    class Meta:
        model = Message
        fields = ["id", "title", "body", "url", "urgent", "business_at", "sent_at", "read_at"]
        read_only_fields = fields


class MessageViewSet(ReadOnlyModelViewSet[Message]):
    """Messages to the person who asks, newest first."""

    queryset = Message.objects.none()
    serializer_class = MessageSerializer
    filterset_fields = {"read_at": ["isnull"], "urgent": ["exact"]}

    def get_queryset(self) -> MessageQuerySet:
        return Message.objects.visible_to(actor_of(self.request))

    @extend_schema(request=None, responses=MessageSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        """Mark one as read."""
        message = read(actor_of(request), self.get_object())
        return Response(self.get_serializer(message).data)

    @extend_schema(request=None, responses=MARKED)
    @action(detail=False, methods=["post"], url_path="read-all")
    def read_all(self, request: Request) -> Response:
        """Mark all as read."""
        return Response({"marked": mark_all_read(actor_of(request))})


router.register("messages", MessageViewSet, basename="message")
