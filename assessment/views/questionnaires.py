"""The editors of questionnaires and of their questions: their forms and their pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from assessment.models import QuestionKind, SurveyKind
from assessment.services.questionnaires import (
    QUESTION_FIELDS,
    QUESTIONS,
    SURVEY_FIELDS,
    SURVEYS,
    WHOLE,
    edit_questions,
    edit_surveys,
)
from portal.memo import once_a_page
from portal.rulebook.forms import Ready
from portal.rulebook.models import Rulebook
from portal.rulebook.row_forms import RowForm, ShortLinesField
from portal.rulebook.views.editing import manager_page
from portal.rulebook.views.rows import RowEditor, edit_rows
from portal.ui.pages import PageRequest
from programs.models import Anchor

FURTHEST_DAYS = 400
CHOOSE = ("", _("请选择"))


class SurveyForm(RowForm):
    kind = forms.ChoiceField(label=_("种类"), choices=[CHOOSE, *SurveyKind.choices])
    anchor = forms.ChoiceField(label=_("基准日"), choices=[CHOOSE, *Anchor.choices])
    opens_days = forms.IntegerField(
        label=_("开放偏移天数"),
        min_value=-FURTHEST_DAYS,
        max_value=FURTHEST_DAYS,
        help_text=_("负数表示基准日之前"),
    )
    closes_days = forms.IntegerField(
        label=_("截止偏移天数"),
        min_value=-FURTHEST_DAYS,
        max_value=FURTHEST_DAYS,
        help_text=_("截至当天24时"),
    )


class OptionsField(ShortLinesField):
    """One option a line; “满意=80” gives it a weight of 80 points."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(
            each["text"] if each["weight"] is None else f"{each['text']}={each['weight']}" for each in value
        )

    def clean(self, value: Any) -> list[Any]:
        return [_option(line) for line in super().clean(value)]


def _option(line: str) -> dict[str, Any]:
    text, equals, weight = line.replace("＝", "=").rpartition("=")
    if not equals:
        return {"text": line, "weight": None}
    if not weight.strip().isdecimal() or int(weight) > WHOLE or not text.strip():
        raise ValidationError(_t("“%(line)s”的分值应为0至100的整数，如：满意=80") % {"line": line})
    return {"text": text.strip(), "weight": int(weight)}


class QuestionForm(RowForm):
    survey = forms.ChoiceField(label=_("问卷"))
    name = forms.CharField(label=_("题干"), max_length=200)
    kind = forms.ChoiceField(label=_("题型"), choices=[CHOOSE, *QuestionKind.choices])
    required = forms.BooleanField(label=_("必答"), required=False)
    options = OptionsField(
        label=_("选项"),
        required=False,
        longest=100,
        help_text=_("每行一个，填空题不填；计分的选项写明分值，如：满意=80"),
    )

    def __init__(self, *args: Any, rulebook: Rulebook, **kwargs: Any) -> None:
        super().__init__(*args, rulebook=rulebook, **kwargs)
        self.fields["survey"].choices = _named(rulebook)  # type: ignore[attr-defined]


@once_a_page
def _named(rulebook: Rulebook) -> Ready:
    """What a row may choose from; every row of the page offers the same."""
    return Ready([CHOOSE, *rulebook.survey_templates.values_list("code", "name")])


def _surveys(rulebook: Rulebook) -> list[dict[str, Any]]:
    return list(SURVEYS.stored(rulebook).values("code", *SURVEY_FIELDS))


def _questions(rulebook: Rulebook) -> list[dict[str, Any]]:
    return list(QUESTIONS.stored(rulebook).values("code", *QUESTION_FIELDS))


@manager_page
def surveys(request: PageRequest, pk: int) -> HttpResponse:
    """Change which questionnaires classes get, and when."""
    return edit_rows(request, pk, RowEditor(SURVEYS.title, edit_surveys, SurveyForm, _surveys))


@manager_page
def questions(request: PageRequest, pk: int) -> HttpResponse:
    """Change what the questionnaires ask. Surveys that are open already keep their questions."""
    return edit_rows(request, pk, RowEditor(QUESTIONS.title, edit_questions, QuestionForm, _questions))
