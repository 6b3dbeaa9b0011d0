"""How far a print run is, in the words of its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from portal.jobs.models import JobState
from portal.papers.models import PaperBatch, PaperEntry
from portal.papers.services import printing


@dataclass(frozen=True)
class Progress:
    """`skipped` counts people whose record was gone when it was printed; `left` is a guess in words, or ""."""

    done: int
    total: int
    words: str
    running: bool
    left: str = ""
    error: str = ""
    skipped: int = 0


def progress_of(batch: PaperBatch, now: datetime) -> Progress:
    """The state of `batch` at real time `now`. At most three queries."""
    if batch.finished_at is not None:
        skipped = PaperEntry.objects.filter(chunk__batch=batch, pages=0).count()
        return Progress(batch.total, batch.total, _("打印完成"), running=False, skipped=skipped)
    done, total = printing.progress(batch.pk)
    if batch.job is not None and batch.job.state in {JobState.FAILED, JobState.CANCELLED}:
        words = _("已取消") if batch.job.state == JobState.CANCELLED else _("打印失败")
        return Progress(done, total, words, running=False, error=batch.job.error)
    started = batch.job.started_at if batch.job else None
    words = _("正在打印") if started else _("排队等待")
    return Progress(
        done, total, words, running=True, left=time_left(done, total, now - started if started else None)
    )


def time_left(done: int, total: int, spent: timedelta | None) -> str:
    """How long the rest will take at the pace so far, or "" when nothing can be said."""
    if not done or spent is None:
        return ""
    seconds = round(spent.total_seconds() / done * (total - done))
    if seconds < 60:
        return _("约剩%(count)s秒") % {"count": seconds}
    return _("约剩%(count)s分钟") % {"count": -(-seconds // 60)}
