"""What surveys and inspections plug in, in one place: importing it registers everything."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from assessment import (
    coverage,  # noqa: F401 - importing registers its rule and figures
    notice_surveys,
    papers_inspections,  # noqa: F401 - the same
    papers_surveys,  # noqa: F401 - the same
    plugs_inspections,  # noqa: F401 - the same
    plugs_surveys,  # noqa: F401 - the same
)
from assessment.services import (  # noqa: F401 - declares the operations
    answering,
    circulating,
    following_up,
    inspections,
    survey_export,
    surveying,
    visiting,
)
from portal.rulebook.sections import section

section(
    "surveys",
    gettext_lazy("问卷"),
    load=notice_surveys.load_surveys,
    preview=notice_surveys.preview_surveys,
    order=50,
)
section(
    "survey_questions",
    gettext_lazy("问卷题目"),
    load=notice_surveys.load_questions,
    preview=notice_surveys.preview_questions,
    order=51,
)
section(
    "inspection_items",
    gettext_lazy("视导评分项"),
    load=notice_surveys.load_items,
    preview=notice_surveys.preview_items,
    order=52,
)
