"""Reading a filled questionnaire: which options were chosen, what was written. Pure: no queries, nobody's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from assessment.models import Question, QuestionKind
from assessment.models.template import CHOSEN_ONCE
from portal.errors import Invalid
from portal.text import normalise

LONGEST = 1000

# By the key of the question: the keys of the options chosen, or what was written.
Answers = Mapping[int, Sequence[int] | str]


@dataclass
class Filled:
    """What one ballot adds: keys of options and of questions answered, and texts by their question."""

    chosen: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    texts: list[tuple[int, str]] = field(default_factory=list)


def read_answers(questions: Sequence[Question], answers: Answers) -> Filled:
    """What `answers` say, `questions` having their options at hand. Raises Invalid naming the question."""
    strange = set(answers) - {each.pk for each in questions}
    if strange:
        raise Invalid(_("答卷中有不属于本问卷的题目，请刷新页面后重新填写。"))
    filled = Filled()
    for question in questions:
        given = answers.get(question.pk, ())
        if question.kind == QuestionKind.TEXT:
            _write(filled, question, given)
        else:
            _choose(filled, question, given)
        if question.required and question.pk not in filled.answered:
            raise _wrong(question, _("“%(question)s”为必答题，请填写后提交。"))
    return filled


def field_name(question: Question) -> str:
    """What the question is called in forms and in refusals."""
    return f"question_{question.pk}"


def _write(filled: Filled, question: Question, given: Sequence[int] | str) -> None:
    if not isinstance(given, str):
        if given:
            raise _wrong(question, _("“%(question)s”应填写文字。"))
        return
    text = normalise(given, multiline=True)
    if len(text) > LONGEST:
        raise _wrong(question, _("“%(question)s”不能超过1000字，请精简后提交。"))
    if text:
        filled.texts.append((question.pk, text))
        filled.answered.add(question.pk)


def _choose(filled: Filled, question: Question, given: Sequence[int] | str) -> None:
    chosen = {given} if isinstance(given, str) else set(given)
    if chosen - {each.pk for each in question.options.all()}:
        raise _wrong(question, _("“%(question)s”的选项已变化，请刷新页面后重新选择。"))
    if question.kind in CHOSEN_ONCE and len(chosen) > 1:
        raise _wrong(question, _("“%(question)s”只能选一项。"))
    if chosen:
        filled.chosen |= {key for key in chosen if isinstance(key, int)}
        filled.answered.add(question.pk)


def _wrong(question: Question, words: str) -> Invalid:
    return Invalid(words % {"question": question.text}, field=field_name(question))
