"""What sheets plug into the frame: previews waiting to be confirmed, batch numbers in the search."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.operations.actor import Actor
from portal.sheets.imports import find_kind
from portal.sheets.models import BatchState, ImportBatch
from portal.sheets.services.uploading import UPLOADERS
from portal.ui.registry import Group, NavEntry, SearchHit, WorkItem, nav, search, work_items

_MOST = 20
_KIND = gettext_lazy("导入批次")


def plug_in() -> None:
    """Register everything; called from apps.ready()."""
    nav(
        NavEntry(
            Group.DESK,
            gettext_lazy("导入记录"),
            "sheets:list",
            icon="file-spreadsheet",
            roles=UPLOADERS,
            order=85,
        )
    )
    work_items(waiting)
    search(found)


def waiting(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """The person's own uploads that wait to be taken. One query."""
    if actor.user is None or actor.role not in UPLOADERS:
        return
    rows = ImportBatch.objects.visible_to(actor).filter(uploader=actor.user, state=BatchState.PREVIEWED)
    for batch in rows[:_MOST]:
        words = {"kind": find_kind(batch.kind).label, "number": batch.number}
        title = _("%(kind)s %(number)s 已核对，请确认导入或修改后重新上传") % words
        yield WorkItem(title, batch.get_absolute_url(), count=batch.total, kind=_KIND)


def found(actor: Actor, words: str) -> Iterator[SearchHit]:
    """Batches whose number begins with `words`. One query, none for words that are no number."""
    if actor.role not in UPLOADERS or words[:1].upper() != "B" or not words[1:2].isdigit():
        return
    for batch in ImportBatch.objects.visible_to(actor).filter(number__istartswith=words)[:_MOST]:
        detail = f"{find_kind(batch.kind).label} · {batch.get_state_display()}"
        yield SearchHit(_KIND, batch.number, batch.get_absolute_url(), detail)
