"""Plugs assessment in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentConfig(AppConfig):
    name = "assessment"
    verbose_name = _("考核与评价")

    def ready(self) -> None:
        from assessment import notice
        from portal.rulebook.sections import section

        section("grades", _("考核等级"), load=notice.load_grades, preview=notice.preview_grades, order=40)
