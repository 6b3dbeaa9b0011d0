"""Plugs assessment in."""

from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class AssessmentConfig(AppConfig):
    name = "assessment"
    verbose_name = _("考核与评价")

    def ready(self) -> None:
        from assessment import (  # noqa: F401 - importing registers them
            grades_ready,
            notice,
            results_ready,
            surveys_ready,
        )
        from assessment.services import scale  # noqa: F401 - declares the operations
        from portal.rulebook.sections import section

        section(
            "grades",
            _("考核等级"),
            load=notice.load_grades,
            preview=notice.preview_grades,
            order=40,
            edit_url=lambda rulebook: reverse("assessment:grades", args=[rulebook.pk]),
        )
