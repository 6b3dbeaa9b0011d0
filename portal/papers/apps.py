"""Plugs papers in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PapersConfig(AppConfig):
    name = "portal.papers"
    verbose_name = _("打印与核验")

    def ready(self) -> None:
        from portal.papers import checks, jobs  # noqa: F401 -- registers
        from portal.papers.services.starting import PRINTERS
        from portal.ui.registry import Group, NavEntry, nav

        nav(NavEntry(Group.DESK, _("打印任务"), "papers:batches", "printer", PRINTERS, 85))
