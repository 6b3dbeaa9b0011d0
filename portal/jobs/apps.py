"""Plugs jobs in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "portal.jobs"
    verbose_name = _("任务")

    def ready(self) -> None:
        from portal.ui.registry import Group, NavEntry, nav

        nav(NavEntry(Group.DESK, _("我的任务"), "jobs:list", icon="list-check", order=80))
