"""Plugs quotas in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from portal.operations.discovery import plug_in


class QuotasConfig(AppConfig):
    name = "quotas"
    verbose_name = _("名额")

    def ready(self) -> None:
        plug_in(self)
