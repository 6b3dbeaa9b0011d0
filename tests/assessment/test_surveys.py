"""Surveys of a class: they open by the notice's days, are answered once and anonymously, and are read from five on."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.models import Ballot, Option, QuestionKind, Survey, SurveyState, SurveyTemplate, TextAnswer
from assessment.papers.surveys import paper_context, paper_facts, paper_rows, print_results
from assessment.plugs.surveys import evaluated, needs_surveyed
from assessment.services import survey_clock
from assessment.services.answering import answer_survey
from assessment.services.survey_export import export_results
from assessment.services.surveying import close_survey, open_survey, remind_survey
from assessment.survey_results import (
    RESULTS_FROM,
    compare,
    evaluations,
    hidden_because,
    results_of,
)
from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed, RuleBroken, WrongState
from portal.messages.models import Message
from portal.rulebook.findings import Verdict
from programs.models import TrainingClass
from tests.assessment.surveyed import (
    AFTER_THE_END,
    BEFORE_THE_START,
    LAST_DAY,
    Surveyed,
    answer,
    ballot_of,
    filled,
    make_surveyed,
    trainee_of,
)
from tests.enrollment.support import make_scene
from tests.factories import make_actor
from tests.programs.world import SYSTEM, as_actor, moment, set_clock

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared_course(shared_database: None) -> Surveyed:
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, moment(10, 24))
        return make_surveyed(make_scene(seats=6))


@pytest.fixture
def course(db: None, shared_course: Surveyed, monkeypatch: pytest.MonkeyPatch) -> Surveyed:
    set_clock(monkeypatch, LAST_DAY)
    return deepcopy(shared_course)


def closed(course: Surveyed, monkeypatch: pytest.MonkeyPatch, answers: int) -> Survey:
    """The evaluation with so many answers, after its time."""
    survey = course.survey()
    for each in course.people[:answers]:
        answer(survey, each)
    set_clock(monkeypatch, AFTER_THE_END)
    assert survey_clock.to_close(AFTER_THE_END) == [survey.pk]
    assert survey_clock.close_due(survey.pk, AFTER_THE_END)
    return course.again()


@pytest.mark.clause("CQ20-3.6")
def test_the_notice_s_evaluation_opens_for_the_class_s_trainees_on_its_last_day(course: Surveyed) -> None:
    day_before = moment(11, 17, 23, 59)
    assert list(survey_clock.to_open(day_before)) == []
    due = list(survey_clock.to_open(LAST_DAY))
    assert len(due) == 1
    survey_clock.open_due(*due[0])
    survey_clock.open_due(*due[0])
    survey = Survey.objects.counted().get()
    assert (survey.kind, survey.invited, survey.questions.count()) == ("evaluation", 6, 15)
    assert (survey.opens_at, survey.closes_at.date().isoformat()) == (moment(11, 18, 0), "2020-11-28")
    assert Message.objects.filter(title__contains="学员评教").count() == 6
    assert list(survey_clock.to_open(LAST_DAY)) == []


@pytest.mark.clause("CQ20-3.5")
def test_needs_are_surveyed_before_the_class_starts(
    course: Surveyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, BEFORE_THE_START)
    (finding,) = needs_surveyed(course.class_again())
    assert (finding.verdict, finding.citation and finding.citation.clause) == (Verdict.WARN, "CQ20-3.5")
    survey = course.survey("needs")
    assert survey.closes_at.date().isoformat() == "2020-11-08"
    for each in course.people[:RESULTS_FROM]:
        answer(survey, each)
    (finding,) = needs_surveyed(course.class_again())
    assert finding.verdict == Verdict.PASS
    close_survey(course.scene.world.base_admin, course.again("needs"))
    results = {each.question.text: each for each in results_of(course.again("needs"))}
    topics = results["您希望培训侧重哪些内容（可多选）"]
    assert topics.options[0][1] == Decimal("100.0")


def test_a_survey_opens_only_in_its_window(course: Surveyed, monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, moment(11, 17))
    with pytest.raises(WrongState):
        course.survey()


def test_each_answers_once_and_only_oneself(course: Surveyed) -> None:
    survey = course.survey()
    first, second = course.people[:2]
    answer(survey, first)
    with pytest.raises(Conflict, match="每人只能提交一次"):
        answer(survey, first)
    with pytest.raises(NotAllowed):
        answer_survey(trainee_of(first), ballot_of(survey, second), answers=filled(survey))
    assert course.again().answered == 1
    assert Option.objects.filter(count=1).count() == 13
    assert TextAnswer.objects.count() == 2


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda answers, first: answers.pop(first), "必答"),
        (lambda answers, first: answers.update({first: []}), "必答"),
        (lambda answers, first: answers.update({first: [0]}), "选项已变化"),
        (lambda answers, first: answers.update({first: "很好"}), "选项已变化"),
        (lambda answers, first: answers.update({0: "别的问卷"}), "不属于本问卷"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_and_counts_nothing(
    course: Surveyed, spoil: Any, words: str
) -> None:
    survey = course.survey()
    answers = filled(survey)
    spoil(answers, min(answers))
    with pytest.raises(Invalid, match=words):
        answer_survey(trainee_of(course.people[0]), ballot_of(survey, course.people[0]), answers=answers)
    assert not Option.objects.filter(count__gt=0).exists()
    assert not Ballot.objects.filter(answered=True).exists()


def test_one_option_of_a_single_choice_and_a_thousand_characters_of_text(course: Surveyed) -> None:
    survey = course.survey()
    single = survey.questions.filter(kind=QuestionKind.SINGLE)[0]
    text = survey.questions.filter(kind=QuestionKind.TEXT)[0]
    both = [each.pk for each in single.options.all()[:2]]
    for change in ({single.pk: both}, {text.pk: "字" * 1001}, {text.pk: [1]}):
        with pytest.raises(Invalid):
            answer_survey(
                trainee_of(course.people[0]),
                ballot_of(survey, course.people[0]),
                answers=filled(survey) | change,
            )


def test_nobody_answers_outside_the_survey_s_time(course: Surveyed, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = course.survey()
    set_clock(monkeypatch, moment(11, 17))
    with pytest.raises(WrongState, match="尚未开放"):
        answer(survey, course.people[0])
    set_clock(monkeypatch, AFTER_THE_END)
    with pytest.raises(WrongState, match="已截止") as refused:
        answer(survey, course.people[0])
    assert refused.value.citation
    assert refused.value.citation.clause == "CQ20-3.6"


@pytest.mark.parametrize("answers", [RESULTS_FROM - 1, RESULTS_FROM])
@pytest.mark.clause("CQ20-3.6")
def test_results_are_read_from_five_answers_on(
    course: Surveyed, monkeypatch: pytest.MonkeyPatch, answers: int
) -> None:
    survey = closed(course, monkeypatch, answers)
    base = course.scene.world.base_admin
    shown = answers >= RESULTS_FROM
    assert bool(hidden_because(base, survey, answers)) is not shown
    figures = evaluations([course.training_class.pk])[course.training_class.pk]
    assert (figures.invited, figures.answered) == (6, answers)
    assert figures.mean == (Decimal("100.00") if shown else None)
    assert len(compare(Survey.objects.all(), "class")) == shown
    page = as_actor(base).get(reverse("assessment:survey", args=[survey.pk])).content.decode()
    assert ("很好14" in page, "不足5份" in page) == (shown, not shown) or shown
    if shown:
        with export_results(base, survey) as file:
            assert file.read(2) == b"PK"
    else:
        with pytest.raises(RuleBroken, match="不足5份"):
            export_results(base, survey)


def test_while_a_survey_is_open_only_how_many_answered_is_shown(course: Surveyed) -> None:
    survey = course.survey()
    for each in course.people:
        answer(survey, each)
    page = as_actor(course.scene.world.base_admin).get(reverse("assessment:survey", args=[survey.pk]))
    text = page.content.decode()
    assert ("6 / 6" in text, "很好14" in text, "截止后公布" in text) == (True, False, True)


def test_everybody_s_answers_end_an_evaluation_before_its_time(course: Surveyed) -> None:
    survey = course.survey()
    for each in course.people[:-1]:
        answer(survey, each)
    assert survey_clock.to_close(LAST_DAY) == []
    answer(survey, course.people[-1])
    assert survey_clock.to_close(LAST_DAY) == [survey.pk]
    assert survey_clock.close_due(survey.pk, LAST_DAY)
    assert not survey_clock.close_due(survey.pk, LAST_DAY), "a task delivered twice"
    assert Survey.objects.get().state == SurveyState.CLOSED


def test_the_base_may_end_a_survey_early_when_there_is_enough_to_read(course: Surveyed) -> None:
    survey = course.survey()
    for each in course.people[:4]:
        answer(survey, each)
    with pytest.raises(RuleBroken, match="不足5份"):
        close_survey(course.scene.world.base_admin, course.again())
    with pytest.raises(NotAllowed):
        close_survey(course.class_teacher, course.again())
    answer(survey, course.people[4])
    assert close_survey(course.scene.world.base_admin, course.again()).state == SurveyState.CLOSED
    (finding,) = evaluated(course.class_again())
    assert finding.verdict == Verdict.PASS


def test_those_who_have_not_answered_are_reminded_once_a_stage(
    course: Surveyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = course.survey()
    for each in course.people[:4]:
        answer(survey, each)
    three_days_before = moment(11, 26)
    set_clock(monkeypatch, three_days_before)
    assert survey_clock.to_remind(moment(11, 20)) == []
    assert survey_clock.to_remind(three_days_before) == [survey.pk]
    assert survey_clock.remind_due(survey.pk, three_days_before) == 2
    assert survey_clock.remind_due(survey.pk, three_days_before) == 0, "a task delivered twice"
    assert survey_clock.to_remind(three_days_before) == []
    reminded = Message.objects.filter(title__startswith="请于11月28日")
    assert {each.recipient_id for each in reminded} == {each.teacher.user_id for each in course.people[4:]}
    set_clock(monkeypatch, moment(11, 28))
    assert survey_clock.remind_due(survey.pk, moment(11, 28)) == 2
    assert reminded.all().count() == 4


def test_the_class_teacher_reminds_and_learns_only_how_many(course: Surveyed) -> None:
    survey = course.survey()
    answer(survey, course.people[0])
    client = as_actor(course.class_teacher)
    done = client.post(reverse("assessment:survey_remind", args=[survey.pk]), follow=True).content.decode()
    assert "已提醒5名尚未填答的学员" in done
    assert not [each for each in course.people if each.teacher.name in done]
    assert remind_survey(course.class_teacher, course.again()) == 5
    assert Message.objects.filter(title__startswith="请于").count() == 5, "once a day"


def test_a_class_s_newcomers_are_asked_and_leavers_no_longer(course: Surveyed) -> None:
    survey = course.survey()
    answer(survey, course.people[0])
    assert survey_clock.to_renew() == []
    keys = [each.pk for each in course.people[:2]]
    type(course.people[0]).objects.filter(pk__in=keys).update(state="withdrawn", during=None)
    assert survey_clock.to_renew() == [survey.pk]
    survey_clock.renew(survey.pk)
    assert (course.again().invited, survey_clock.to_renew()) == (5, []), "who answered stays counted"
    type(course.people[0]).objects.filter(pk=keys[1]).update(state="confirmed")
    assert survey_clock.to_renew() == [survey.pk]
    survey_clock.renew(survey.pk)
    assert course.again().invited == 6


def test_a_worker_killed_while_opening_leaves_nothing_half_done(
    course: Surveyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assessment.services import surveying

    def killed(*_args: Any) -> int:
        raise KeyboardInterrupt

    due = next(survey_clock.to_open(LAST_DAY))
    with monkeypatch.context() as patch:
        patch.setattr(surveying, "_ask", killed)
        with pytest.raises(KeyboardInterrupt):
            survey_clock.open_due(*due)
    assert not Survey.objects.exists()
    survey_clock.open_due(*due)
    assert Survey.objects.counted().get().invited == 6


@pytest.mark.clause("CQ20-3.6")
def test_a_class_that_was_not_evaluated_is_warned_of_when_it_finishes(course: Surveyed) -> None:
    (finding,) = evaluated(course.class_again())
    assert (finding.verdict, finding.citation and finding.citation.clause) == (Verdict.WARN, "CQ20-3.6")


def test_a_trainee_answers_on_the_phone_page(course: Surveyed) -> None:
    survey = course.survey()
    trainee = trainee_of(course.people[0])
    client, page = as_actor(trainee), reverse("assessment:answer", args=[survey.pk])
    assert page in client.get(reverse("assessment:my_surveys")).content.decode()
    assert "培训项目总体效果" in client.get(page).content.decode()
    refused = client.post(page, {})
    assert (refused.status_code, "这一题必答" in refused.content.decode()) == (422, True)
    values = {
        f"question_{key}": given if isinstance(given, str) else str(given[0])
        for key, given in filled(survey).items()
    }
    assert client.post(page, values).status_code == 302
    assert course.again().answered == 1
    assert "不能查看或修改" in client.get(page).content.decode()
    assert "现在没有要填写的问卷" in client.get(reverse("assessment:my_surveys")).content.decode()


def test_strangers_find_no_survey(course: Surveyed, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = closed(course, monkeypatch, 6)
    pages = [
        reverse(f"assessment:{name}", args=[survey.pk])
        for name in ("survey", "survey_remind", "survey_close", "survey_print", "survey_export", "answer")
    ]
    strangers = [
        make_actor(Role.BASE_ADMIN),
        make_actor(Role.CLASS_TEACHER, course.scene.world.base),
        make_actor(Role.TRAINEE, course.scene.school),
        make_actor(Role.BUREAU_CLERK, course.scene.bureau),
        make_actor(Role.PROGRAM_MANAGER),
        make_actor(Role.EXPERT, course.scene.world.base),
    ]
    for stranger in strangers:
        client = as_actor(stranger)
        for page in pages:
            assert client.get(page).status_code in {403, 404, 405}, (stranger.role, page)
            assert client.post(page).status_code in {403, 404}, (stranger.role, page)


def test_evaluations_stand_side_by_side(course: Surveyed, monkeypatch: pytest.MonkeyPatch) -> None:
    closed(course, monkeypatch, 6)
    client = as_actor(course.scene.world.manager)
    for by, word in (("base", course.scene.world.base.name), ("class", "演示班"), ("project", "P1")):
        page = client.get(reverse("assessment:survey_comparison"), {"by": by}).content.decode()
        assert (word in page, "100.00" in page) == (True, True)


def test_the_template_s_change_leaves_an_open_survey_alone(course: Surveyed) -> None:
    survey = course.survey()
    SurveyTemplate.objects.update(name="改名")
    again = open_survey(SYSTEM, course.class_again(), template=SurveyTemplate.objects.get(code="evaluation"))
    assert (again.pk, again.title) == (survey.pk, "学员评教")


def test_the_desk_and_the_class_s_page_show_it(course: Surveyed, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = course.survey()
    assert "填写“学员评教”" in as_actor(trainee_of(course.people[0])).get("/").content.decode()
    assert "问卷回收率不足60%" in as_actor(course.class_teacher).get("/").content.decode()
    page = as_actor(course.class_teacher).get(reverse("programs:class", args=[course.training_class.pk]))
    assert reverse("assessment:survey", args=[survey.pk]) in page.content.decode()
    assert TrainingClass.objects.count() == 1


def test_the_list_costs_the_same_however_many_there_are(
    course: Surveyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, page = as_actor(course.scene.world.manager), reverse("assessment:surveys")
    survey = course.survey()
    counts = []
    for code in ("b", "c"):
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        counts.append(len(queries))
        for more in (code, f"{code}2"):
            survey.pk, survey.code = None, more
            survey.save()
    assert counts[0] == counts[1]


def test_the_paper_says_what_the_page_says(course: Surveyed, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = closed(course, monkeypatch, 6)
    (paper,) = paper_context(list(paper_rows()))
    assert (paper["mean"], paper["answered"], len(paper["pictures"])) == (Decimal("100.00"), 6, 2)
    assert "培训项目总体效果" in paper["pictures"][0]["picture"]
    assert paper_facts(paper_rows().get(pk=survey.pk)).lines == [("填答人数", "6")]


def test_a_paper_of_too_few_answers_says_only_how_many(
    course: Surveyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = closed(course, monkeypatch, RESULTS_FROM - 1)
    (paper,) = paper_context(list(paper_rows()))
    assert (paper["mean"], paper["results"], paper["pictures"]) == (None, [], [])
    with pytest.raises(RuleBroken, match="不足5份"):
        print_results(course.scene.world.base_admin, survey)
