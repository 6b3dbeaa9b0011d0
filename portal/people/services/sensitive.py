"""Full identity numbers leave the database only here: each full view and each export is an audited operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.roles import Role
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.organizations.services.lifecycle import require_reason
from portal.people.models import Teacher
from portal.people.permits import KEEPERS, READERS, keeps
from portal.people.sheets import write_register

# More than a province's teachers would not open in an office program.
MOST_ROWS = 50_000


@dataclass(frozen=True)
class Revealed:
    """The plain numbers of one teacher, for one look."""

    id_number: str
    phone: str


@operation("people.reveal_id", _("查看完整证件号"), roles=(*READERS, Role.TRAINEE), scope=keeps())
def reveal_id(act: Act, teacher: Teacher, *, reason: str) -> Revealed:
    """Return the teacher's full numbers. Raises Invalid without a reason. Source: domain facts §7.2."""
    act.reason = require_reason(reason)
    act.changed(teacher, after={"revealed": ["id_number", "phone"]})
    return Revealed(teacher.id_number, teacher.phone)


@operation("people.export_teachers", _("导出教师名册"), roles=READERS)
def export_teachers(act: Act, subject: None, *, teachers: QuerySet[Teacher]) -> IO[bytes]:
    """Return the open xlsx of the teachers among `teachers` whom the actor may see, numbers masked."""
    return _export(act, teachers, full=False)


@operation("people.export_teachers_full", _("导出教师名册（完整证件号）"), roles=KEEPERS)
def export_teachers_full(act: Act, subject: None, *, teachers: QuerySet[Teacher], reason: str) -> IO[bytes]:
    """Return the open xlsx with the full numbers; every page says who exported it, when and why."""
    act.reason = require_reason(reason)
    return _export(act, teachers, full=True)


def _export(act: Act, teachers: QuerySet[Teacher], *, full: bool) -> IO[bytes]:
    seen = teachers.filter(pk__in=Teacher.objects.visible_to(act.actor).values("pk")).select_related("school")
    rows = list(seen.order_by("school__path", "sort_key", "pk")[: MOST_ROWS + 1])
    if len(rows) > MOST_ROWS:
        message = _("符合条件的教师超过%(most)d名。请缩小筛选范围后分批导出。")
        raise Invalid(message % {"most": MOST_ROWS})
    act.after |= {"count": len(rows), "full": full}
    act.list_rows({"teacher": row.pk, "name": row.name} for row in rows)
    return write_register(rows, full=full, watermark=_watermark(act) if full else "")


def _watermark(act: Act) -> str:
    message = _(
        "本表含个人敏感信息，由%(organization)s %(who)s于%(when)s导出，用途：%(reason)s。严禁外传，用后销毁。"
    )
    return message % {
        "organization": act.actor.organization or "",
        "who": act.actor.name,
        "when": timezone.localtime(act.now).strftime("%Y-%m-%d %H:%M"),
        "reason": act.reason,
    }
