"""Plugs in what comes after grading: performance, results, certificates. Imported once, by `AssessmentConfig.ready`."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from assessment import (  # noqa: F401 - importing registers them
    figures,
    notice,
    papers_performance,
    papers_results,
    plugs_performance,
    plugs_results,
    plugs_trainee,
)
from assessment.services import (  # noqa: F401 - declares the operations
    certificates,
    correcting,
    indicators,
    listing,
    national,
    opinions,
    performance,
    results,
)
from portal.rulebook.sections import section

section(
    "indicators",
    _("绩效指标"),
    load=notice.load_indicators,
    preview=notice.preview_indicators,
    order=45,
    edit_url=lambda rulebook: reverse("assessment:indicators", args=[rulebook.pk]),
)
