"""The demo's surveys in the year: needs before some classes, an evaluation after every class."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from assessment.models import Ballot, Question, QuestionKind, Survey, SurveyKind, SurveyTemplate
from assessment.services.answering import answer_survey
from assessment.services.surveying import close_survey, open_survey, window
from enrollment.models import Enrollment
from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.runtime.demo import YEAR_ENDS, Demo, demo_stage
from programs.models import TrainingClass

# So many of a class answer in the demo; the needs of one class in so many are asked through the portal.
ANSWERS, NEEDS_EVERY = 8, 8
WORDS = (
    "专家水平高，案例贴近教学。",
    "实训安排充分，收获很大。",
    "希望增加企业实践时间。",
    "建议课程安排再宽松一些。",
    "班级管理细致，服务周到。",
    "希望多提供可以带走的教学资源。",
)


@demo_stage(250, "演示问卷与评教", year=True)
def survey_all(demo: Demo) -> None:
    """Open, answer and close each class's surveys on their days; those still open at the end of the play stay open."""
    for day, training_class, template in sorted(_due(demo), key=lambda each: (each[0], each[1].pk)):
        demo.at(day, 10)
        survey = open_survey(demo.system, training_class, template=template)
        _answer(demo, survey)
        closes = window(template, training_class)[1]
        if demo.reached(closes.date() + timedelta(days=1)):
            demo.at(closes.date() + timedelta(days=1), 1)
            close_survey(demo.system, survey)


def _due(demo: Demo) -> Iterator[tuple[date, TrainingClass, SurveyTemplate]]:
    templates = list(SurveyTemplate.objects.filter(rulebook__program__demo=True).select_related("clause"))
    roster = Enrollment.objects.on_roster().values("training_class")
    rows = TrainingClass.objects.published().filter(pk__in=roster, project__program__demo=True)
    found = rows.select_related("project__program__rulebook", "base").order_by("pk")
    there = set(Survey.objects.values_list("training_class", "code"))
    for index, each in enumerate(found):
        for template in templates:
            if template.kind == SurveyKind.NEEDS and index % NEEDS_EVERY:
                continue
            opens, closes = window(template, each)
            day = min(opens.date() + timedelta(days=2), YEAR_ENDS)
            if (each.pk, template.code) not in there and demo.reached(day) and day <= closes.date():
                yield day, each, template


def _answer(demo: Demo, survey: Survey) -> None:
    questions = list(survey.questions.prefetch_related("options"))
    ballots = survey.ballots.filter(enrollment__teacher__user__isnull=False).select_related(
        "enrollment__teacher__user"
    )
    chosen = list(ballots[:ANSWERS])
    people = _actors(chosen)
    for each in chosen:
        user = each.enrollment.teacher.user_id
        if user in people:
            answer_survey(people[user], each, answers={one.pk: _given(demo, one) for one in questions})


def _actors(ballots: list[Ballot]) -> dict[int | None, Actor]:
    held = Membership.objects.current().filter(
        role=Role.TRAINEE, user__in=[each.enrollment.teacher.user_id for each in ballots]
    )
    return {each.user_id: Actor.of(each) for each in held.select_related("user", "organization")}


def _given(demo: Demo, question: Question) -> list[int] | str:
    """Mostly satisfied."""
    if question.kind == QuestionKind.TEXT:
        return demo.rng.choice(WORDS)
    options = list(question.options.all())
    return [demo.rng.choices(options, [8, 5, 2, 1, 1, 1][: len(options)])[0].pk]
