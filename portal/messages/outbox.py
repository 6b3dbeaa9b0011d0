"""Writing messages inside the transaction of the act that causes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.apps import apps

from portal import clock


@dataclass(frozen=True)
class Letter:
    """One text to several people. `key` makes it a reminder that each person gets once."""

    recipients: Sequence[int]
    title: str
    body: str = ""
    url: str = ""
    urgent: bool = False
    key: str = ""


def post(letters: Sequence[Letter]) -> int:
    """Write the messages and, for urgent ones, their e-mails; return how many messages. Two or three queries."""
    from portal.messages.models import Message

    if not letters:
        return 0
    now = clock.now()
    rows = [
        Message(
            recipient_id=person,
            title=each.title[:200],
            body=each.body,
            url=each.url,
            urgent=each.urgent,
            key=each.key,
            business_at=now,
        )
        for each in letters
        for person in dict.fromkeys(each.recipients)
    ]
    Message.objects.bulk_create(rows, ignore_conflicts=any(each.key for each in letters))
    _dispatch([each for each in rows if each.urgent and each.pk])
    return len(rows)


def _dispatch(messages: Sequence[object]) -> None:
    from portal.messages.models import Channel, Dispatch, Message

    urgent = [each for each in messages if isinstance(each, Message)]
    if not urgent:
        return
    users = apps.get_model("accounts", "User").objects.in_bulk({each.recipient_id for each in urgent})
    Dispatch.objects.bulk_create(
        Dispatch(message=each, channel=Channel.EMAIL, address=users[each.recipient_id].email)
        for each in urgent
        if users[each.recipient_id].email
    )
