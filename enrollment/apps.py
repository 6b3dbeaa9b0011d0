"""Plugs enrollment in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from portal.operations.discovery import plug_in


class EnrollmentConfig(AppConfig):
    name = "enrollment"
    verbose_name = _("推荐与报名")

    def ready(self) -> None:
        plug_in(self)
