"""The opening notice on paper. Sections: domain facts §2.6. Source: CQ20-3.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import OFFICE, Role
from portal.papers.kinds import Facts, PaperKind, register_kind
from programs.models import OpeningNotice
from programs.services.notices import FIELDS, OPENING_NOTICE, READERS

ORDINALS = "一二三四五六七"
PRINTERS = frozenset(
    {*OFFICE, *READERS, Role.BASE_ADMIN, Role.CLASS_TEACHER, Role.PROVINCIAL_OFFICER, Role.TRAINEE}
)


def notice_rows() -> QuerySet[OpeningNotice]:
    """Issued notices with what the paper says. One query."""
    return OpeningNotice.objects.filter(issued_at__isnull=False).select_related(
        "training_class__project__program", "training_class__base"
    )


def notice_context(notices: Sequence[OpeningNotice]) -> list[Mapping[str, Any]]:
    """What each notice says, plain values only. No query."""
    return [_context(each) for each in notices]


def notice_facts(notice: OpeningNotice) -> Facts:
    """What a stranger who scans the notice may see."""
    found = notice.training_class
    when = f"{found.starts_on:%Y-%m-%d} — {found.ends_on:%Y-%m-%d}"
    return Facts(
        title=_("开班通知"),
        number=f"{found.project.code}-{found.number}",
        issuer=notice.signed,
        lines=[(_("班级"), found.name), (_("培训时间"), when)],
    )


def _context(notice: OpeningNotice) -> Mapping[str, Any]:
    meta = OpeningNotice._meta
    names = [each for each in FIELDS if each != "signed"]
    issued = notice.issued_at
    return {
        "program": notice.training_class.project.program.name,
        "name": notice.training_class.name,
        "sections": [
            [f"{mark}、{meta.get_field(name).verbose_name}", getattr(notice, name)]  # type: ignore[union-attr]
            for mark, name in zip(ORDINALS, names, strict=True)
        ],
        "signed": notice.signed,
        "issued_on": timezone.localdate(issued) if issued else None,
    }


NOTICE = register_kind(
    PaperKind(
        OPENING_NOTICE,
        gettext_lazy("开班通知"),
        "papers/opening_notice.html",
        PRINTERS,
        notice_rows,
        notice_context,
        notice_facts,
    )
)
