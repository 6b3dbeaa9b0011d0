"""What happened to one record, for its page: open to whoever may see the record itself."""

from __future__ import annotations

from django.db import models

from portal.operations.models import AuditEntry, Outcome

MOST = 100


def history_of(subject: models.Model) -> list[AuditEntry]:
    """The acts on `subject` that were carried out, newest first, at most 100. One query.

    Refused attempts are for the audit administrator only.
    """
    return list(AuditEntry.objects.about(subject).filter(outcome=Outcome.DONE)[:MOST])
