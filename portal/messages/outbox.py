"""Writing messages inside the transaction of the act that causes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from portal import clock
from portal.messages.privacy import without_id_numbers

if TYPE_CHECKING:
    from django.db import models

    from portal.accounts.models import User
    from portal.messages.models import Dispatch, Message


@dataclass(frozen=True)
class Digest:
    """What makes letters of one `kind` add up, as long as they are unread: `words` say of how many, at `{count}`.

    The first reads as it was written; from the second on the message is titled by `words`, leads to `url`, and lists
    the newest letters' titles. For what comes in masses; it never leaves the portal as e-mail or SMS.
    """

    kind: str
    words: str
    url: str


@dataclass(frozen=True)
class Letter:
    """One text to several people, by their user keys. `key` makes it a reminder that each person gets once."""

    recipients: Sequence[int]
    title: str
    body: str = ""
    url: str = ""
    urgent: bool = False
    key: str = ""
    digest: Digest | None = None


def post(letters: Sequence[Letter]) -> int:
    """Write the messages and, for urgent ones, their e-mails and SMS; return how many messages are new.

    A reminder that a person has already is not written again, nor sent again: the messages and what sends them are
    one transaction. At most six queries, and one for each letter that adds up with others.
    """
    from portal.messages.digests import add_up
    from portal.messages.models import Message

    rows = list(_messages(each for each in letters if each.digest is None))
    plain = [each for each in rows if not each.key]
    with transaction.atomic(savepoint=False):
        Message.objects.bulk_create(plain)
        reminders = _remind([each for each in rows if each.key])
        _dispatch([each for each in (*plain, *reminders) if each.urgent])
        added = sum(add_up(each) for each in letters if each.digest)
    return len(plain) + len(reminders) + added


def _messages(letters: Iterable[Letter]) -> Iterator[Message]:
    from portal.messages.models import Message

    now = clock.now()
    for each in letters:
        title, body = without_id_numbers(each.title)[:200], without_id_numbers(each.body)
        for person in dict.fromkeys(each.recipients):
            yield Message(
                recipient_id=person,
                title=title,
                body=body,
                url=each.url,
                urgent=each.urgent,
                key=each.key,
                business_at=now,
            )


def _remind(rows: Sequence[Message]) -> list[Message]:
    """Write those that their recipients do not have yet; return these, saved.

    Two workers at once may both try: the unique constraint lets one write, and for both `_dispatch` is harmless.
    """
    from portal.messages.models import Message

    there = set(_same(rows).values_list("recipient_id", "key")) if rows else set()
    wanted = {
        (each.recipient_id, each.key): each for each in rows if (each.recipient_id, each.key) not in there
    }
    if not wanted:
        return []
    Message.objects.bulk_create(wanted.values(), ignore_conflicts=True)
    return [each for each in _same(list(wanted.values())) if (each.recipient_id, each.key) in wanted]


def _same(rows: Sequence[Message]) -> models.QuerySet[Message]:
    from portal.messages.models import Message

    people, keys = {each.recipient_id for each in rows}, {each.key for each in rows}
    return Message.objects.filter(recipient__in=people, key__in=keys)


def _dispatch(urgent: Sequence[Message]) -> None:
    from portal.accounts.models import User
    from portal.messages.models import Dispatch

    if not urgent:
        return
    people = User.objects.only("email", "phone").in_bulk({each.recipient_id for each in urgent})
    ways = [way for each in urgent for way in _ways(each, people[each.recipient_id])]
    Dispatch.objects.bulk_create(ways, ignore_conflicts=True)


def _ways(message: Message, person: User) -> Iterator[Dispatch]:
    from portal.messages.models import Channel, Dispatch

    if person.email:
        yield Dispatch(message=message, channel=Channel.EMAIL, address=person.email)
    if person.phone:
        yield Dispatch(message=message, channel=Channel.SMS, address=person.phone)
