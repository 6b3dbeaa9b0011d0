"""Questionnaires, their questions and what inspections score: changed on screen, amended after publication."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessment.models import InspectionItem, SurveyTemplate, TemplateQuestion
from assessment.notice.surveys import load_items, load_questions, load_surveys
from assessment.services import inspection_items as items
from assessment.services import questionnaires as asked
from assessment.services.survey_clock import to_open
from portal import clock
from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed
from portal.operations.actor import Actor
from portal.rulebook.models import Amendment, Rulebook
from portal.rulebook.services.amending import Why
from tests.factories import make_actor
from tests.rulebook_rows import load_cq20, make_manager, rows_form, signed_in

pytestmark = pytest.mark.django_db

FOLLOW_UP = {
    "code": "after",
    "name": "训后跟踪",
    "kind": "follow_up",
    "anchor": "end",
    "opens_days": 90,
    "closes_days": 120,
    "clause": None,
}
CHOICE = {
    "code": "used",
    "survey": "evaluation",
    "name": "是否用于教学",
    "kind": "single",
    "required": True,
    "options": [{"text": "是", "weight": 100}, {"text": "否", "weight": None}],
    "clause": None,
}
TABLES = [
    (asked.SURVEYS, asked.SURVEY_FIELDS),
    (asked.QUESTIONS, asked.QUESTION_FIELDS),
    (items.TABLE, items.FIELDS),
]


@pytest.fixture
def manager() -> Actor:
    return make_manager()


@pytest.fixture
def rulebook(manager: Actor) -> Rulebook:
    return load_cq20(manager)


def rows(rulebook: Rulebook, table: Any, fields: Any) -> list[dict[str, Any]]:
    return [row | {"clause": None} for row in table.stored(rulebook).values("code", *fields)]


def surveys(rulebook: Rulebook) -> list[dict[str, Any]]:
    return rows(rulebook, *TABLES[0])


def questions(rulebook: Rulebook) -> list[dict[str, Any]]:
    return rows(rulebook, *TABLES[1])


def points(rulebook: Rulebook) -> list[dict[str, Any]]:
    return rows(rulebook, *TABLES[2])


def publish(rulebook: Rulebook) -> Rulebook:
    Rulebook.objects.update(published_at=clock.now())
    return Rulebook.objects.get(pk=rulebook.pk)


@pytest.mark.clause("CQ20-3.6")
def test_a_questionnaire_more_waits_for_its_questions(manager: Actor, rulebook: Rulebook) -> None:
    asked.edit_surveys(manager, rulebook, version=rulebook.version, rows=[*surveys(rulebook), FOLLOW_UP])
    assert SurveyTemplate.objects.get(code="after").position == 3
    assert not TemplateQuestion.objects.filter(survey="after").exists()
    assert list(to_open(timezone.make_aware(datetime(2021, 6, 1)))) == []


@pytest.mark.parametrize("change", [{"kind": "exam"}, {"anchor": "middle"}, {"closes_days": 80}])
def test_a_questionnaire_that_cannot_be_is_refused(
    manager: Actor, rulebook: Rulebook, change: dict[str, Any]
) -> None:
    wanted = [*surveys(rulebook), FOLLOW_UP | change]
    with pytest.raises(Invalid, match="训后跟踪"):
        asked.edit_surveys(manager, rulebook, version=rulebook.version, rows=wanted)


def test_a_questionnaire_with_questions_stays(manager: Actor, rulebook: Rulebook) -> None:
    with pytest.raises(Invalid, match="还有题目"):
        asked.edit_surveys(manager, rulebook, version=rulebook.version, rows=surveys(rulebook)[:1])
    left = [each for each in questions(rulebook) if each["survey"] == "needs"]
    rulebook = asked.edit_questions(manager, rulebook, version=rulebook.version, rows=left)
    asked.edit_surveys(manager, rulebook, version=rulebook.version, rows=surveys(rulebook)[:1])
    assert SurveyTemplate.objects.get().code == "needs"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"survey": "nobody"}, "请先增加问卷"),
        ({"kind": "essay"}, "不是已知的种类"),
        ({"options": [{"text": "是", "weight": None}]}, "至少要有两个选项"),
        ({"options": [{"text": "是", "weight": 101}, {"text": "否"}]}, "0至100"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    manager: Actor, rulebook: Rulebook, change: dict[str, Any], words: str
) -> None:
    wanted = [*questions(rulebook), CHOICE | change]
    with pytest.raises(Invalid, match=words):
        asked.edit_questions(manager, rulebook, version=rulebook.version, rows=wanted)


def test_a_text_has_no_options(manager: Actor, rulebook: Rulebook) -> None:
    wanted = [*questions(rulebook), CHOICE | {"kind": "text"}]
    asked.edit_questions(manager, rulebook, version=rulebook.version, rows=wanted)
    assert TemplateQuestion.objects.get(code="used").options == []


def test_after_publication_a_changed_option_is_an_amendment(manager: Actor, rulebook: Rulebook) -> None:
    rulebook = publish(rulebook)
    wanted = questions(rulebook)
    choice = next(each for each in wanted if each["code"] == "eval_01")
    choice["options"][0]["weight"] = 95
    why = Why("与上级问卷一致", clock.now())
    asked.edit_questions(manager, rulebook, version=rulebook.version, rows=wanted, why=why)
    made = Amendment.objects.get()
    assert made.target == "survey_questions"
    assert "非常满意=95" in made.after["eval_01"]
    assert "非常满意=100" in made.before["eval_01"]
    with pytest.raises(Invalid, match="理由"):
        asked.edit_questions(manager, rulebook, version=rulebook.version, rows=[*wanted, CHOICE])


@pytest.mark.clause("CQ20-6.4")
def test_the_points_of_an_inspection_stay_a_hundred(manager: Actor, rulebook: Rulebook) -> None:
    wanted = points(rulebook)
    wanted[0]["points"], wanted[1]["points"] = 25, 20
    wanted[2]["asks"] = "专家水平"
    changed = items.edit_items(manager, rulebook, version=rulebook.version, rows=wanted)
    assert list(InspectionItem.objects.values_list("points", flat=True)) == [25, 20, 25, 15, 10, 5]
    assert InspectionItem.objects.get(code="teaching").asks == "专家水平"
    wanted[0]["points"] = 26
    with pytest.raises(Invalid, match="现为101分"):
        items.edit_items(manager, changed, version=changed.version, rows=wanted)
    with pytest.raises(Invalid, match="至少1分"):
        items.edit_items(
            manager, changed, version=changed.version, rows=[*wanted, wanted[0] | {"code": "x", "points": 0}]
        )


def test_loading_again_changes_nothing(rulebook: Rulebook) -> None:
    before = [list(table.stored(rulebook).values()) for table, _fields in TABLES]
    load_surveys(rulebook, [row | {"clause": ""} for row in surveys(rulebook)])
    load_questions(rulebook, [row | {"clause": ""} for row in questions(rulebook)])
    load_items(rulebook, [row | {"clause": ""} for row in points(rulebook)])
    after = [list(table.stored(rulebook).values()) for table, _fields in TABLES]
    strip = [[{**row, "clause_id": None} for row in table] for table in before]
    assert after == strip


def test_another_office_and_another_role_may_not(rulebook: Rulebook) -> None:
    reviewer = make_actor(Role.OFFICE_REVIEWER, rulebook.office)
    for actor in (make_manager(), reviewer):
        for operation in (asked.edit_surveys, asked.edit_questions, items.edit_items):
            with pytest.raises(NotAllowed):
                operation(actor, rulebook, version=rulebook.version, rows=[])


def test_the_rulebook_leads_to_the_pages(manager: Actor, rulebook: Rulebook) -> None:
    client = signed_in(manager)
    page = client.get(reverse("rulebook:detail", args=[rulebook.pk])).content.decode()
    stranger = signed_in(make_manager())
    for name in ("survey_templates", "survey_questions", "inspection_items"):
        url = reverse(f"assessment:{name}", args=[rulebook.pk])
        assert url in page
        assert client.get(url).status_code == 200
        assert stranger.get(url).status_code == 404


def test_the_page_of_questions_writes_options_a_line_each(manager: Actor, rulebook: Rulebook) -> None:
    client, url = signed_in(manager), reverse("assessment:survey_questions", args=[rulebook.pk])
    assert "非常满意=100\n满意=80" in client.get(url).content.decode()
    given = [_shown(each) for each in questions(rulebook)]
    form = rows_form(rulebook, [*given, _shown(CHOICE) | {"options": "是＝100\n\n 否 "}], stored=len(given))
    assert client.post(url, form).status_code == 302
    assert TemplateQuestion.objects.get(code="used").options == CHOICE["options"]
    unchanged = TemplateQuestion.objects.get(code="eval_01").options
    assert unchanged[0] == {"text": "非常满意", "weight": 100}


@pytest.mark.parametrize("line", ["是=101", "是=很好", "=80", "是" * 101])
def test_an_option_that_cannot_be_read_is_said_beside_the_field(
    manager: Actor, rulebook: Rulebook, line: str
) -> None:
    client, url = signed_in(manager), reverse("assessment:survey_questions", args=[rulebook.pk])
    given = [_shown(each) for each in questions(rulebook)]
    form = rows_form(rulebook, [*given, _shown(CHOICE) | {"options": f"{line}\n否"}], stored=len(given))
    refused = client.post(url, form)
    assert refused.status_code == 422
    assert line[:100] in refused.content.decode()


def test_the_api_replaces_the_tables(manager: Actor, rulebook: Rulebook) -> None:
    client = signed_in(manager)
    given = client.get("/api/v1/survey-questions/", {"rulebook": rulebook.pk}).json()["results"]
    first = next(each for each in given if each["code"] == "eval_01")
    assert first["options"][0] == {"text": "非常满意", "weight": 100}
    body = {"rulebook": rulebook.pk, "version": rulebook.version, "rows": [*given, CHOICE]}
    done = client.post("/api/v1/survey-questions/replace/", body, content_type="application/json")
    assert done.status_code == 200, done.content
    assert TemplateQuestion.objects.get(code="used").options == CHOICE["options"]
    body = {"rulebook": rulebook.pk, "version": rulebook.version + 1, "rows": points(rulebook)[:1]}
    refused = client.post("/api/v1/inspection-items/replace/", body, content_type="application/json")
    assert refused.json()["code"] == "invalid"
    assert len(client.get("/api/v1/survey-templates/").json()["results"]) == 2
    assert signed_in(make_manager()).get("/api/v1/inspection-items/").json()["results"] == []


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A question as its form posts it."""
    options = "\n".join(
        each["text"] if each["weight"] is None else f"{each['text']}={each['weight']}"
        for each in row["options"]
    )
    return row | {"options": options}


def test_the_page_costs_the_same_for_one_row_and_for_many(manager: Actor, rulebook: Rulebook) -> None:
    client, url = signed_in(manager), reverse("assessment:survey_questions", args=[rulebook.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    TemplateQuestion.objects.filter(rulebook=rulebook, position__gt=1).delete()
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    assert len(one) == len(many)
