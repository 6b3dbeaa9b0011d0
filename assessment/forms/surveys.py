"""The form of a questionnaire: a field for each question, big enough for a thumb."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessment.ballots import LONGEST, field_name
from assessment.models import Question, QuestionKind

REQUIRED = {"required": _("这一题必答。"), "invalid_choice": _("选项已变化，请刷新页面后重新选择。")}


class AnswerForm(forms.Form):
    """`questions` have their options at hand. Nothing that is typed is kept as a draft: it would stay on the device."""

    def __init__(self, questions: Sequence[Question], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for number, each in enumerate(questions, 1):
            field = _field(each)
            field.label = f"{number}. {each.text}"
            self.fields[field_name(each)] = field

    def answers(self) -> dict[int, list[int] | str]:
        """By the question's key what was chosen or written."""
        return {each.pk: self._answer(each) for each in self.questions}

    def _answer(self, question: Question) -> list[int] | str:
        given = self.cleaned_data.get(field_name(question)) or ""
        if question.kind == QuestionKind.TEXT:
            return str(given)
        return [int(each) for each in (given if isinstance(given, list) else [given]) if each]


def _field(question: Question) -> forms.Field:
    if question.kind == QuestionKind.TEXT:
        widget = forms.Textarea({"rows": 3, "autocomplete": "off"})
        return forms.CharField(
            required=question.required, max_length=LONGEST, widget=widget, error_messages=REQUIRED
        )
    choices = [(str(each.pk), each.text) for each in question.options.all()]
    if question.kind == QuestionKind.MULTIPLE:
        return forms.MultipleChoiceField(
            required=question.required,
            choices=choices,
            widget=forms.CheckboxSelectMultiple,
            error_messages=REQUIRED,
        )
    return forms.ChoiceField(
        required=question.required, choices=choices, widget=forms.RadioSelect, error_messages=REQUIRED
    )
