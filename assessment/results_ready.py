"""Plugs in what comes after grading: performance, results, certificates. Imported once, by `AssessmentConfig.ready`."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from assessment import figures, notice, papers_performance, plugs_performance  # noqa: F401 - importing registers them
from assessment.services import indicators, performance  # noqa: F401 - declares the operations
from portal.rulebook.sections import section

section(
    "indicators",
    _("绩效指标"),
    load=notice.load_indicators,
    preview=notice.preview_indicators,
    order=45,
    edit_url=lambda rulebook: reverse("assessment:indicators", args=[rulebook.pk]),
)
