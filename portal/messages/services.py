"""Reading one's own messages. No business act: nothing here is audited."""

from __future__ import annotations

from django.utils import timezone

from portal.messages.models import Message, MessageQuerySet
from portal.operations.actor import Actor


def read(actor: Actor, message: Message) -> Message:
    """Mark one of one's own messages as read, if it is not."""
    mark_read(actor, Message.objects.filter(pk=message.pk))
    message.refresh_from_db(fields=["read_at"])
    return message


def mark_read(actor: Actor, messages: MessageQuerySet) -> int:
    """Mark those of `messages` that are the actor's own and unread; return how many."""
    mine = Message.objects.visible_to(actor).unread().filter(pk__in=messages.order_by().values("pk"))
    return mine.update(read_at=timezone.now())


def mark_all_read(actor: Actor) -> int:
    """Mark all of the actor's messages as read; return how many were not."""
    return Message.objects.visible_to(actor).unread().update(read_at=timezone.now())
