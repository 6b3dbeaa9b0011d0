"""Plugs assessment in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from portal.operations.discovery import plug_in


class AssessmentConfig(AppConfig):
    name = "assessment"
    verbose_name = _("考核与评价")

    def ready(self) -> None:
        plug_in(self)
