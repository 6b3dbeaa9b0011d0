"""Opening surveys for classes, asking and reminding their trainees, closing. Source: CQ20-3.5, CQ20-3.6."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Ballot, Option, Question, Survey, SurveyState, SurveyTemplate, TemplateQuestion
from assessment.services.answering import keep_texts, locked, mixed
from assessment.states.surveys import SURVEY
from assessment.survey_results import RESULTS_FROM
from enrollment.models import Enrollment
from portal import clock
from portal.accounts.models import User
from portal.accounts.roles import OFFICE, Role
from portal.errors import RuleBroken, WrongState
from portal.messages.outbox import Letter
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import oneself, own, within
from programs.models import Anchor, TrainingClass


def window(template: SurveyTemplate, training_class: TrainingClass) -> tuple[datetime, datetime]:
    """When the class's survey opens and closes: from 0:00 of the first to 24:00 of the last day."""
    start = template.anchor == Anchor.START
    day: date = training_class.starts_on if start else training_class.ends_on
    first, last = (day + timedelta(days=each) for each in (template.opens_days, template.closes_days))
    return clock.start_of(first), clock.end_of(last)


@operation("assessment.open_survey", gettext_lazy("开放问卷"), clauses=["CQ20-3.5", "CQ20-3.6"], system=True)
def open_survey(act: Act, training_class: TrainingClass, *, template: SurveyTemplate) -> Survey:
    """Put the questionnaire to the class: its questions are copied, its trainees asked. A second time finds the first's.

    Raises WrongState outside the window that the notice gives it.
    """
    TrainingClass.objects.select_for_update().get(pk=training_class.pk)
    there = Survey.objects.filter(training_class=training_class, code=template.code).first()
    if there:
        return there
    opens, closes = window(template, training_class)
    if not opens <= act.now <= closes:
        raise WrongState(_("“%(survey)s”现在不在开放时间内。") % {"survey": template.name})
    survey = Survey.objects.create(
        training_class=training_class,
        code=template.code,
        kind=template.kind,
        title=template.name,
        opens_at=opens,
        closes_at=closes,
        clause=template.clause,
    )
    _copy_questions(survey, template)
    asked = _ask(act, survey, _to_ask(survey))
    act.changed(survey, after={"title": survey.title, "closes_at": closes, "invited": asked})
    return survey


@operation("assessment.renew_ballots", gettext_lazy("更新填答名单"), system=True)
def renew_ballots(act: Act, survey: Survey) -> int:
    """Ask those who came into the class, no longer those who left it and have not answered; return how many were asked."""
    locked(survey.pk)
    gone = survey.ballots.filter(answered=False).exclude(enrollment__in=_roster(survey))
    left, _rows = gone.delete()
    asked = _ask(act, survey, _to_ask(survey))
    act.changed(survey, after={"invited": asked, "dropped": left})
    return asked


@operation(
    "assessment.remind_survey",
    gettext_lazy("催答问卷"),
    roles=[*OFFICE, Role.BASE_ADMIN, Role.CLASS_TEACHER],
    scope=within("training_class.project.program.office")
    | own("training_class.base")
    | oneself("training_class.class_teacher"),
    clauses=["CQ20-3.6"],
    system=True,
)
def remind_survey(act: Act, survey: Survey, *, stage: str = "") -> int:
    """Remind those who have not answered, each once a day or once a `stage`; return how many they are, never who."""
    if survey.state != SurveyState.OPEN or not survey.opens_at <= act.now <= survey.closes_at:
        raise WrongState(_("问卷已截止，不再催答。"))
    people = _users(survey.ballots.filter(answered=False))
    key = f"survey:{survey.pk}:{stage or act.today.isoformat()}"
    end = timezone.localtime(survey.closes_at).strftime("%m月%d日")
    title = _("请于%(end)s24时前填写“%(survey)s”") % {"end": end, "survey": survey.title}
    body = _("%(class)s：问卷匿名，只统计结果，任何人都看不到谁填了什么。") % {
        "class": survey.training_class.name
    }
    act.letters.append(Letter([each.pk for each in people], title, body, _url(survey), urgent=True, key=key))
    act.changed(survey, after={"reminded": len(people)})
    return len(people)


@operation(
    "assessment.close_survey",
    gettext_lazy("截止问卷"),
    roles=[*OFFICE, Role.BASE_ADMIN],
    scope=within("training_class.project.program.office") | own("training_class.base"),
    clauses=["CQ20-3.5", "CQ20-3.6"],
    system=True,
)
def close_survey(act: Act, survey: Survey) -> Survey:
    """End the survey; its results are then to be read, if there are enough.

    Raises RuleBroken when a person would end it before its time with too few answers to read anything.
    """
    locked(survey.pk)
    cast = survey.ballots.filter(answered=True).count()
    if not act.actor.is_system and act.now <= survey.closes_at and cast < RESULTS_FROM:
        raise RuleBroken(
            _("目前只有%(count)d人填答，不足%(least)d份不公布结果，请待截止时间到后再看。")
            % {"count": cast, "least": RESULTS_FROM},
            code="too_few_answers",
        )
    SURVEY.apply(survey, "close")
    keep_texts(survey, [])
    act.changed(survey, before={"state": "open"}, after={"state": survey.state, "answered": cast})
    title = _("“%(survey)s”已截止，%(count)d人填答") % {"survey": survey, "count": cast}
    act.tell(User.objects.holding(Role.BASE_ADMIN, survey.base), title, url=_page(survey))
    return survey


def _copy_questions(survey: Survey, template: SurveyTemplate) -> None:
    rows = list(TemplateQuestion.objects.filter(rulebook=template.rulebook_id, survey=template.code))
    made = Question.objects.bulk_create(
        Question(survey=survey, position=number, text=each.name, kind=each.kind, required=each.required)
        for number, each in enumerate(rows, 1)
    )
    Option.objects.bulk_create(
        Option(question=question, position=number, text=each["text"], weight=each["weight"])
        for question, row in zip(made, rows, strict=True)
        for number, each in enumerate(row.options, 1)
    )


def _roster(survey: Survey) -> QuerySet[Enrollment]:
    return Enrollment.objects.on_roster().filter(training_class=survey.training_class_id)


def _to_ask(survey: Survey) -> list[Enrollment]:
    asked = survey.ballots.values("enrollment")
    return list(_roster(survey).exclude(pk__in=asked).select_related("teacher__user"))


def _ask(act: Act, survey: Survey, enrollments: list[Enrollment]) -> int:
    """Give each a ballot, in no order, and tell them."""
    if not enrollments:
        return 0
    Ballot.objects.bulk_create(Ballot(survey=survey, enrollment=each) for each in mixed(enrollments))
    people = [each.teacher.user for each in enrollments if each.teacher.user]
    end = timezone.localtime(survey.closes_at).strftime("%m月%d日")
    act.tell(
        people,
        _("请填写“%(survey)s”，%(end)s24时截止") % {"survey": survey.title, "end": end},
        body=_("%(class)s：问卷匿名，约需3分钟。") % {"class": survey.training_class.name},
        url=_url(survey),
    )
    return len(enrollments)


def _users(ballots: QuerySet[Ballot]) -> list[User]:
    people = User.objects.filter(is_active=True, teacher__enrollments__ballots__in=ballots)
    return list(people.distinct())


def _url(survey: Survey) -> str:
    return reverse("assessment:answer", args=[survey.pk])


def _page(survey: Survey) -> str:
    return reverse("assessment:survey", args=[survey.pk])
