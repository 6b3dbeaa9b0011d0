"""A trainee's questionnaires on the phone. What is sent here stands in no log, no draft and no report of an error."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from assessment.forms.surveys import AnswerForm
from assessment.models import Ballot, SurveyState
from assessment.services.answering import answer_survey
from assessment.survey_results import RESULTS_FROM
from portal import clock
from portal.accounts.roles import Role
from portal.rulebook.citing import cites
from portal.ui.pages import PageRequest, page, submit


@page(roles=[Role.TRAINEE])
def my_surveys(request: PageRequest) -> HttpResponse:
    """What one is asked: open ones first."""
    rows = list(_mine(request).order_by("survey__state", "-survey__closes_at"))
    waiting = [each for each in rows if not each.answered and _is_open(each)]
    context = {
        "title": _("我的问卷"),
        "waiting": sorted(waiting, key=lambda each: each.survey.closes_at),
        "past": [each for each in rows if each not in waiting],
    }
    return render(request, "assessment/my_surveys.html", context)


@sensitive_post_parameters()
@never_cache
@page(roles=[Role.TRAINEE])
@cites("CQ20-3.5", "CQ20-3.6")
@sensitive_variables()
def answer(request: PageRequest, pk: int) -> HttpResponse:
    """Fill in the survey `pk`, once."""
    ballot = get_object_or_404(_mine(request), survey=pk)
    if ballot.answered or not _is_open(ballot):
        return render(request, "assessment/answered.html", {"title": ballot.survey.title, "ballot": ballot})
    questions = list(ballot.survey.questions.prefetch_related("options"))
    form = AnswerForm(questions, request.POST if request.method == "POST" else None)
    if form.is_valid() and submit(request, form, answer_survey, ballot, answers=form.answers()):
        messages.success(request, _("已提交，谢谢！答卷已与您的身份分开保存。"))
        return redirect("assessment:my_surveys")
    context = {"title": ballot.survey.title, "ballot": ballot, "form": form, "least": RESULTS_FROM}
    return render(request, "assessment/answer.html", context, status=422 if form.errors else 200)


def _is_open(ballot: Ballot) -> bool:
    survey = ballot.survey
    return survey.state == SurveyState.OPEN and survey.opens_at <= clock.now() <= survey.closes_at


def _mine(request: PageRequest) -> QuerySet[Ballot]:
    rows = Ballot.objects.filter(enrollment__teacher__user=request.actor.user_id)
    return rows.select_related(
        "survey__training_class", "survey__clause__notice", "enrollment__teacher__user"
    )
