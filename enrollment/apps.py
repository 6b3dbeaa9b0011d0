"""Plugs enrollment in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnrollmentConfig(AppConfig):
    name = "enrollment"
    verbose_name = _("推荐与报名")

    def ready(self) -> None:
        from enrollment import (  # noqa: F401 - importing registers them
            class_codes,
            hooks,
            imports,
            jobs,
            opening,
            papers,
            plugs,
            plugs_registration,
            reminders,
            rules,
            rules_arrival,
        )
        from enrollment.services import (  # noqa: F401 - declares the operations
            arrivals,
            cancelled_classes,
            codes,
            eligibility,
            exporting,
            forms,
            lapsing,
            nominations,
            placing,
            registration,
            replacement,
            sheets,
            substitutes,
        )
