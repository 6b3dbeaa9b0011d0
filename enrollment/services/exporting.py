"""Annex 4 out: masked for everyone who sees the nominations, in full only with a reason. Source: CQ20-A4."""

from __future__ import annotations

from typing import IO

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import Nomination
from enrollment.services.nominations import NOMINATORS
from enrollment.sheets import write_annex_4
from portal.accounts.roles import OFFICE, Role
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation

READERS = (*NOMINATORS, *OFFICE, Role.PROVINCIAL_OFFICER)
MOST_ROWS = 50_000


@operation("enrollment.export", gettext_lazy("导出推荐汇总表"), roles=READERS, clauses=["CQ20-A4"])
def export_nominations(act: Act, subject: None, *, nominations: QuerySet[Nomination]) -> IO[bytes]:
    """The open xlsx of those among `nominations` whom the actor sees, numbers masked."""
    return _export(act, nominations, full=False)


@operation(
    "enrollment.export_full", gettext_lazy("导出推荐汇总表（完整证件号）"), roles=READERS, clauses=["CQ20-A4"]
)
def export_nominations_full(
    act: Act, subject: None, *, nominations: QuerySet[Nomination], reason: str
) -> IO[bytes]:
    """The same with the full numbers; the sheet says who exported it, when and why. Raises Invalid without a reason."""
    if not reason.strip():
        raise Invalid(_("请填写用途。"), field="reason")
    act.reason = reason.strip()
    return _export(act, nominations, full=True)


def _export(act: Act, nominations: QuerySet[Nomination], *, full: bool) -> IO[bytes]:
    seen = Nomination.objects.visible_to(act.actor).filter(pk__in=nominations.order_by().values("pk"))
    rows = list(
        seen.select_related(
            "teacher", "school", "organization", "project__base", "project__audience"
        ).order_by("organization__path", "project__code", "pk")[: MOST_ROWS + 1]
    )
    if len(rows) > MOST_ROWS:
        raise Invalid(_("符合条件的超过%(most)d条，请缩小筛选范围后分批导出。") % {"most": MOST_ROWS})
    act.after |= {"count": len(rows), "full": full}
    act.list_rows({"nomination": each.pk, "name": each.teacher.name} for each in rows)
    return write_annex_4(rows, full=full, watermark=_watermark(act) if full else "")


def _watermark(act: Act) -> str:
    words = _("本表含个人敏感信息，由%(organization)s %(who)s于%(when)s导出，用途：%(reason)s。严禁外传。")
    return words % {
        "organization": act.actor.organization or "",
        "who": act.actor.name,
        "when": timezone.localtime(act.now).strftime("%Y-%m-%d %H:%M"),
        "reason": act.reason,
    }
