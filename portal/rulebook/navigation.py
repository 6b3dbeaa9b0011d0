"""The rulebook's lines in the frame, the calendar strip of the desk, and what follows a move of the demo clock."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.accounts.roles import SEPARATED, STAFF, Role
from portal.rulebook import hooks
from portal.rulebook.calendar import strip
from portal.rulebook.tasks import follow_the_clock
from portal.ui.registry import Group, NavEntry, calendar, nav

hooks.clock_moved(follow_the_clock)
calendar(strip)

_READERS = frozenset(STAFF - SEPARATED)

nav(
    NavEntry(Group.PROGRAMS, _("通知与规则"), "rulebook:index", "books", _READERS, 80),
    NavEntry(Group.PROGRAMS, _("进程日历"), "rulebook:current_calendar", "calendar", _READERS, 81),
)
if settings.DEMO:
    nav(NavEntry(Group.SYSTEM, _("演示时间"), "rulebook:clock", "clock", frozenset({Role.SYSTEM_ADMIN}), 90))
