"""Answering a survey. Who answered and what was answered are written so that nothing joins them. Source: CQ20-3.6.

A row in PostgreSQL tells, beyond its columns, which transaction wrote it last (xmin) and where it lies (ctid). Were only
the chosen options and the person's ballot written, these two would name the person to whoever reads the tables. So each
ballot writes *all* ballots of the survey, *all* its counters and *all* its texts anew, the texts in a random order under
new keys: whatever is read between two ballots, every row of the survey was written by the same last transaction. What is
counted is not kept by sheet, so that a handwriting known from one text says nothing of the same person's other answers.
"""

from __future__ import annotations

from datetime import datetime
from random import SystemRandom
from typing import TypeVar

from django.db.models import Case, F, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.ballots import Answers, Filled, read_answers
from assessment.models import Ballot, Option, Survey, SurveyState, TextAnswer
from portal.accounts.roles import Role
from portal.errors import Conflict, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import oneself
from portal.rulebook.findings import Citation

T = TypeVar("T")


@operation(
    "assessment.answer_survey",
    gettext_lazy("填写问卷"),
    roles=[Role.TRAINEE],
    scope=oneself("enrollment.teacher.user"),
    clauses=["CQ20-3.5", "CQ20-3.6"],
)
def answer_survey(act: Act, ballot: Ballot, *, answers: Answers) -> Survey:
    """Count the person's answers and mark that they have answered; the audit learns of the second only.

    Raises Invalid for an answer that cannot be, WrongState outside the survey's time, Conflict the second time.
    """
    survey = locked(ballot.survey_id)
    _require_open(survey, act.now)
    filled = read_answers(list(survey.questions.prefetch_related("options")), answers)
    take_ballot(survey, ballot)
    count(survey, filled)
    keep_texts(survey, filled.texts)
    act.changed(survey, after={"answered": True})
    return survey


def locked(survey_id: int) -> Survey:
    """The survey, whose ballots are cast one after the other."""
    rows = Survey.objects.select_for_update(of=("self",)).select_related("training_class")
    return rows.get(pk=survey_id)


def take_ballot(survey: Survey, ballot: Ballot) -> None:
    """Mark the ballot as cast, by writing all of them. Raises Conflict when it was before."""
    if not survey.ballots.filter(pk=ballot.pk, answered=False).exists():
        raise Conflict(_("您已提交过这份问卷，每人只能提交一次。答卷是匿名的，提交后不能查看或修改。"))
    survey.ballots.update(answered=Case(When(pk=ballot.pk, then=Value(True)), default=F("answered")))


def count(survey: Survey, filled: Filled) -> None:
    """Add what was chosen to the counters, by writing all of them."""
    options = Option.objects.filter(question__survey=survey)
    options.update(count=F("count") + Case(When(pk__in=filled.chosen, then=1), default=0))
    survey.questions.update(answered=F("answered") + Case(When(pk__in=filled.answered, then=1), default=0))


def keep_texts(survey: Survey, texts: list[tuple[int, str]]) -> None:
    """Add what was written, by writing all texts of the survey anew in a random order under new keys."""
    rows = TextAnswer.objects.filter(question__survey=survey)
    everything = [*rows.values_list("question_id", "text"), *texts]
    rows.delete()
    TextAnswer.objects.bulk_create(TextAnswer(question_id=key, text=text) for key, text in mixed(everything))


def mixed(rows: list[T]) -> list[T]:
    """The rows in an order that nobody can foretell."""
    return SystemRandom().sample(rows, len(rows))


def _require_open(survey: Survey, now: datetime) -> None:
    if survey.state == SurveyState.OPEN and survey.opens_at <= now <= survey.closes_at:
        return
    if now < survey.opens_at:
        raise WrongState(_("这份问卷尚未开放。"), citation=_citation(survey))
    raise WrongState(_("这份问卷已截止，不能再提交。感谢您的参与。"), citation=_citation(survey))


def _citation(survey: Survey) -> Citation | None:
    return survey.clause.citation if survey.clause else None
