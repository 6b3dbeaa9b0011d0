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
            notice_surveys,
            results_ready,
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
        section(
            "surveys",
            _("问卷"),
            load=notice_surveys.load_surveys,
            preview=notice_surveys.preview_surveys,
            order=50,
        )
        section(
            "survey_questions",
            _("问卷题目"),
            load=notice_surveys.load_questions,
            preview=notice_surveys.preview_questions,
            order=51,
        )
        section(
            "inspection_items",
            _("视导评分项"),
            load=notice_surveys.load_items,
            preview=notice_surveys.preview_items,
            order=52,
        )
