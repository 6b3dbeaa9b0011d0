"""Plugs programmes in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from portal.operations.discovery import plug_in


class ProgramsConfig(AppConfig):
    name = "programs"
    verbose_name = _("计划与项目")

    def ready(self) -> None:
        plug_in(self)
