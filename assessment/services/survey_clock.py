"""What time does to surveys: they open, ask newcomers, remind, close. Every sweep may be killed anywhere and run twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from assessment.models import Ballot, Survey, SurveyState, SurveyTemplate, TemplateQuestion
from assessment.services.surveying import close_survey, open_survey, remind_survey, renew_ballots
from enrollment.models import Enrollment
from portal.operations.actor import Actor
from portal.rulebook.facts import DAYS, fact, stage
from programs.models import Anchor, ProgramState, TrainingClass

WORKER = "worker"
RULEBOOK = "training_class__project__program__rulebook"
AHEAD = fact(
    "survey_reminder_days",
    gettext_lazy("问卷截止前几天催答"),
    (1, 3),
    group=DAYS,
    hint=gettext_lazy("可填几个，如：1、3"),
    least=1,
    most=30,
)


def to_open(now: datetime) -> Iterator[tuple[int, int]]:
    """Keys of class and template of each survey that should be open and is not there. One query a template, and one.

    A questionnaire without questions, just added on screen, waits for them.
    """
    today = timezone.localdate(now)
    asked = TemplateQuestion.objects.filter(rulebook=OuterRef("rulebook"), survey=OuterRef("code"))
    rows = SurveyTemplate.objects.filter(Exists(asked), rulebook__program__state=ProgramState.PUBLISHED)
    for template in rows:
        day = "starts_on" if template.anchor == Anchor.START else "ends_on"
        earliest, latest = (
            today - timedelta(days=each) for each in (template.closes_days, template.opens_days)
        )
        classes = TrainingClass.objects.published().filter(
            project__program__rulebook=template.rulebook_id, **{f"{day}__range": (earliest, latest)}
        )
        there = Survey.objects.filter(training_class=OuterRef("pk"), code=template.code)
        trainees = Enrollment.objects.on_roster().filter(training_class=OuterRef("pk"))
        for key in classes.filter(~Exists(there), Exists(trainees)).values_list("pk", flat=True):
            yield key, template.pk


def open_due(class_id: int, template_id: int) -> None:
    """Open one survey; nothing happens when it is there already."""
    template = SurveyTemplate.objects.select_related("clause").get(pk=template_id)
    if not Survey.objects.filter(training_class=class_id, code=template.code).exists():
        rows = TrainingClass.objects.select_related("project__program__rulebook", "base")
        open_survey(Actor.system(WORKER), rows.get(pk=class_id), template=template)


def to_renew() -> list[int]:
    """Keys of open surveys whose ballots are not the class's roster. One query."""
    return list(_to_renew().order_by("pk").values_list("pk", flat=True))


def _to_renew() -> QuerySet[Survey]:
    roster = Enrollment.objects.on_roster()
    unasked = roster.filter(training_class=OuterRef("training_class")).exclude(
        pk__in=Ballot.objects.filter(survey=OuterRef(OuterRef("pk"))).values("enrollment")
    )
    ballots = Ballot.objects
    gone = ballots.filter(survey=OuterRef("pk"), answered=False).exclude(
        enrollment__in=roster.filter(training_class=OuterRef(OuterRef("training_class"))).values("pk")
    )
    return Survey.objects.filter(Exists(unasked) | Exists(gone), state=SurveyState.OPEN)


def renew(survey_id: int) -> None:
    """Make one open survey's ballots those of its class's roster; nothing happens when they are."""
    survey = _surveys().filter(pk__in=_to_renew().filter(pk=survey_id)).first()
    if survey:
        renew_ballots(Actor.system(WORKER), survey)


def to_close(now: datetime) -> list[int]:
    """Keys of open surveys whose time is over, or which everybody has answered after the class's last day. One query."""
    everybody = Q(answered=F("invited"), invited__gt=0, training_class__ends_on__lte=timezone.localdate(now))
    rows = Survey.objects.filter(state=SurveyState.OPEN).counted()
    return list(
        rows.filter(Q(closes_at__lt=now) | everybody).order_by("closes_at").values_list("pk", flat=True)
    )


def close_due(survey_id: int, now: datetime) -> bool:
    """Close one survey if it is due; False when it was closed meanwhile."""
    with transaction.atomic():
        survey = _surveys().select_for_update(of=("self",)).get(pk=survey_id)
        if survey.state != SurveyState.OPEN:
            return False
        close_survey(Actor.system(WORKER), survey)
    return True


def to_remind(now: datetime) -> list[int]:
    """Keys of open surveys near their end whose reminder is not sent. One query."""
    rows = Survey.objects.filter(
        state=SurveyState.OPEN, closes_at__gt=now, closes_at__lte=now + timedelta(days=AHEAD.most)
    )
    due = rows.filter(Exists(Ballot.objects.filter(survey=OuterRef("pk"), answered=False)))
    found = [(each, stage_at(each, now)) for each in due.select_related(RULEBOOK).order_by("closes_at")]
    return [each.pk for each, word in found if word and each.reminded != word]


def stage_at(survey: Survey, now: datetime) -> str:
    """Name the reminder due at `now`, with the end it speaks of: a survey that is given longer reminds anew."""
    days = stage(survey.closes_at - now, AHEAD.of(survey.training_class.rulebook))
    return "" if days is None else f"{survey.closes_at:%Y%m%d%H%M}:{days}d"


def remind_due(survey_id: int, now: datetime) -> int:
    """Send the reminder that is due, once; how many people it went to."""
    with transaction.atomic():
        survey = _surveys().select_for_update(of=("self",)).get(pk=survey_id)
        word = stage_at(survey, now)
        if not word or survey.reminded == word or survey.state != SurveyState.OPEN:
            return 0
        Survey.objects.filter(pk=survey_id).update(reminded=word)
        return remind_survey(Actor.system(WORKER), survey, stage=word)


def _surveys() -> QuerySet[Survey]:
    return Survey.objects.select_related("training_class__base", RULEBOOK)
