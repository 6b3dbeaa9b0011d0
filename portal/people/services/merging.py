"""What becomes of the teachers when two schools become one."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q

from portal.operations.act import Act
from portal.organizations.hooks import on_merge
from portal.organizations.models import Organization
from portal.people.models import Teacher, Transfer, TransferState
from portal.people.states import TRANSFER


@on_merge
def move_teachers(act: Act, source: Organization, into: Organization) -> dict[str, Any]:
    """Teachers go along; an open transfer goes on with the new school, or lapses when it was between the two."""
    open_ones = Transfer.objects.filter(state=TransferState.REQUESTED)
    between = open_ones.filter(Q(source=source, target=into) | Q(source=into, target=source))
    lapsed = TRANSFER.apply_to(between, "withdraw", decided_at=act.now)
    for side in ("source", "target", "asked_by"):
        open_ones.filter(**{side: source}).update(**{side: into})
    moved = Teacher.objects.filter(school=source).update(
        school=into, version=F("version") + 1, updated_at=act.now
    )
    return {"teachers": moved, "transfers_lapsed": lapsed}
