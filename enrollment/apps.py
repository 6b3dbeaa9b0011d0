"""Plugs enrollment in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnrollmentConfig(AppConfig):
    name = "enrollment"
    verbose_name = _("推荐与报名")

    def ready(self) -> None:
        from enrollment import rules  # noqa: F401 - declares the rule kinds
        from enrollment.services import (  # noqa: F401 - declares the operations
            codes,
            eligibility,
            nominations,
            placing,
            registration,
            replacement,
        )
