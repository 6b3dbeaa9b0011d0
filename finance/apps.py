"""Plugs finance in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from portal.operations.discovery import plug_in


class FinanceConfig(AppConfig):
    name = "finance"
    verbose_name = _("经费")

    def ready(self) -> None:
        plug_in(self)
