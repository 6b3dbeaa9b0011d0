"""Plugs the pages' frame in: its checks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    name = "portal.ui"
    verbose_name = _("界面")

    def ready(self) -> None:
        from portal.ui import checks  # noqa: F401 - importing registers the checks
