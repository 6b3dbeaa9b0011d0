"""Celery's side of assessment: thin, and harmless when delivered twice."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task

from assessment.services import survey_clock, visit_clock
from portal import clock
from portal.celery import periodic


@periodic(seconds=300)
def sweep_surveys() -> None:
    """Hand each survey that is to open, change its ballots, close or remind to a task of its own."""
    now = clock.now()
    for class_id, template_id in survey_clock.to_open(now):
        open_survey.delay(class_id, template_id)
    for survey_id in survey_clock.to_renew():
        renew_survey.delay(survey_id)
    for survey_id in survey_clock.to_close(now):
        close_survey.delay(survey_id)
    for survey_id in survey_clock.to_remind(now):
        remind_survey.delay(survey_id)


@shared_task
def open_survey(class_id: int, template_id: int) -> None:
    survey_clock.open_due(class_id, template_id)


@shared_task
def renew_survey(survey_id: int) -> None:
    survey_clock.renew(survey_id)


@shared_task
def close_survey(survey_id: int) -> None:
    survey_clock.close_due(survey_id, clock.now())


@shared_task
def remind_survey(survey_id: int) -> None:
    survey_clock.remind_due(survey_id, clock.now())


@periodic(seconds=1800)
def remind_inspections() -> None:
    visit_clock.remind_inspections(clock.now())


def follow_the_clock(_now: datetime) -> None:
    """Plugged into the demo clock: what beat would do within minutes happens at once."""
    sweep_surveys.delay()
    remind_inspections.delay()
