"""What one operation records while it runs: the change, its reason, and whom to tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone

from portal.messages.outbox import Digest, Letter

if TYPE_CHECKING:
    from portal.accounts.models import User
    from portal.errors import Text
    from portal.operations.actor import Actor

JSON = dict[str, Any]


@dataclass
class Act:
    """One run of an operation. `now` is business time."""

    actor: Actor
    now: datetime
    subject: models.Model | None = None
    before: JSON = field(default_factory=dict)
    after: JSON = field(default_factory=dict)
    rows: list[JSON] = field(default_factory=list)
    reason: str = ""
    letters: list[Letter] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The business date in Asia/Shanghai."""
        return timezone.localdate(self.now)

    def changed(
        self,
        subject: models.Model,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Say what was changed; values must be JSON or have a `str`. Never put a full ID number here."""
        self.subject = subject
        self.before |= before or {}
        self.after |= after or {}

    def list_rows(self, rows: Iterable[JSON]) -> None:
        """Say what a bulk act touched, one small dict a row."""
        self.rows.extend(rows)

    def tell(
        self,
        users: Iterable[User],
        title: Text,
        *,
        body: Text = "",
        url: str = "",
        urgent: bool = False,
        digest: Digest | None = None,
    ) -> None:
        """Write a message to each of `users` in the same transaction; e-mail and SMS follow after the commit.

        With a `digest` it adds up with the unread ones of its kind.
        """
        people = [user.pk for user in users]
        self.letters.append(Letter(people, str(title), str(body), url, urgent, digest=digest))
