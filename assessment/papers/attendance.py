"""The sign-in sheet of a half-day, a voucher of who really was there. Layout: domain facts §2.8. Source: CQ20-5.2."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Session
from enrollment.models import Arrival, Enrollment
from portal.accounts.roles import OFFICE
from portal.papers.kinds import Facts, PaperKind, register_kind
from programs.scopes import RUNNERS

SIGN_IN_SHEET = "assessment.sign_in_sheet"
PRINTERS = frozenset({*RUNNERS, *OFFICE})


def sheet_rows() -> QuerySet[Session]:
    """Half-days with their class. One query."""
    return Session.objects.select_related("training_class__base", "training_class__project__program")


def sheet_context(sessions: Sequence[Session]) -> list[Mapping[str, Any]]:
    """What each sheet says: the class's roster by name, without those who are on record as not having come. One query."""
    rosters: dict[int, list[Enrollment]] = defaultdict(list)
    rows = Enrollment.objects.on_roster().filter(
        training_class__in={each.training_class_id for each in sessions}
    )
    for each in (
        rows.exclude(check_in__state=Arrival.NO_SHOW)
        .select_related("teacher", "school")
        .order_by("teacher__sort_key", "pk")
    ):
        rosters[each.training_class_id or 0].append(each)
    return [_context(each, rosters[each.training_class_id]) for each in sessions]


def sheet_facts(session: Session) -> Facts:
    """What a stranger who scans the sheet may see."""
    found = session.training_class
    return Facts(
        title=_("签到表"),
        number=f"{found.project.code}-{found.number}-{session.day:%Y%m%d}{session.half}",
        issuer=found.base.name,
        lines=[(_("班级"), found.name), (_("时段"), str(session))],
    )


def _context(session: Session, roster: Sequence[Enrollment]) -> Mapping[str, Any]:
    found = session.training_class
    return {
        "program": found.project.program.name,
        "project": str(found.project),
        "class": found.name,
        "base": found.base.name,
        "place": found.place,
        "day": session.day,
        "half": session.get_half_display(),
        "from": timezone.localtime(session.starts_at).strftime("%H:%M"),
        "until": timezone.localtime(session.ends_at).strftime("%H:%M"),
        "people": [
            {
                "number": number,
                "name": each.teacher.name,
                "unit": each.school.name,
                "phone": each.teacher.masked_phone,
            }
            for number, each in enumerate(roster, 1)
        ],
    }


SHEET = register_kind(
    PaperKind(
        SIGN_IN_SHEET,
        gettext_lazy("签到表"),
        "papers/sign_in_sheet.html",
        PRINTERS,
        sheet_rows,
        sheet_context,
        sheet_facts,
    )
)
