"""The calendar as a workbook: who must do what, from when, until when, by which clause."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.rulebook import calendar
from portal.rulebook.models import Rulebook
from portal.sheets.export import export
from portal.sheets.layout import Column, Sheet
from portal.ui import formats

CALENDAR = Sheet(
    code="rulebook.calendar",
    title=gettext_lazy("进程日历"),
    columns=(
        Column("name", gettext_lazy("环节"), width=20),
        Column("actors", gettext_lazy("办理单位"), width=28),
        Column("opens", gettext_lazy("开始"), width=18),
        Column("closes", gettext_lazy("截止"), width=18),
        Column("state", gettext_lazy("状态"), width=10),
        Column("section", gettext_lazy("依据"), width=12),
        Column("quote", gettext_lazy("原文"), width=60),
        Column("changes", gettext_lazy("变更"), width=40),
    ),
)


def calendar_workbook(rulebook: Rulebook, now: datetime) -> IO[bytes]:
    """The calendar as it stands at `now`, with the changes since publication."""
    printed = _("打印时间：%(now)s") % {"now": formats.moment(now)}
    title = _("%(title)s进程日历") % {"title": rulebook.title}
    return export(
        CALENDAR, _rows(rulebook, now), title=title, subtitle=f"{rulebook.notice.number}　{printed}"
    )


def _rows(rulebook: Rulebook, now: datetime) -> Iterator[dict[str, Any]]:
    for line in calendar.lines(rulebook, now):
        phase = line.phase
        yield {
            "name": phase.name,
            "actors": phase.actors,
            "opens": formats.day(phase.opens_at) if phase.opens_at else "",
            "closes": formats.day(phase.closes_at) if phase.closes_at else "",
            "state": line.word,
            "section": phase.clause.section if phase.clause else "",
            "quote": phase.clause.quote if phase.clause else "",
            "changes": "；".join(
                f"{formats.day(each.effective_at)} {each.reason}" for each in line.amendments
            ),
        }
