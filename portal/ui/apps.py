"""Plugs the pages' frame in: its checks, its operation and job, the desk."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    name = "portal.ui"
    verbose_name = _("界面")

    def ready(self) -> None:
        from portal.ui import checks  # noqa: F401 - importing registers the checks
        from portal.ui.register import exporting  # noqa: F401 - importing registers the operation and the job
        from portal.ui.registry import Group, NavEntry, nav

        nav(NavEntry(Group.DESK, _("待办"), "home", icon="layout-dashboard", order=0))
