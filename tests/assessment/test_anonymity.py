"""Nothing joins an answer to a person. Each attempt that a reader of the tables could make, and a control that succeeds.

The control writes a ballot the naive way (only what this ballot changes) and shows that the same attempt then names
everybody: so the attempts are real ones.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

import pytest
from django.core import serializers
from django.db import connection, models
from django.test import Client
from django.urls import reverse

from assessment.ballots import Filled
from assessment.models import Ballot, Option, Question, Survey, TextAnswer
from assessment.services import answering
from portal.accounts.models import SignIn
from portal.messages.models import Message
from portal.operations.models import AuditEntry
from tests.assessment.surveyed import LAST_DAY, Surveyed, answer, ballot_of, filled, make_surveyed, trainee_of
from tests.enrollment.support import make_scene
from tests.programs.world import as_actor, moment, set_clock

pytestmark = [pytest.mark.django_db, pytest.mark.clause("CQ20-3.6")]
# Each answers in a transaction of its own, as people do.
committed = pytest.mark.django_db(transaction=True)
PEOPLE = 8
TABLES = {"text": TextAnswer, "option": Option, "question": Question, "ballot": Ballot}


def make_course() -> Surveyed:
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, moment(10, 24))
        return make_surveyed(make_scene(seats=PEOPLE), PEOPLE)


@pytest.fixture(scope="module")
def shared_course(shared_database: None) -> Surveyed:
    return make_course()


@pytest.fixture
def course(db: None, shared_course: Surveyed, monkeypatch: pytest.MonkeyPatch) -> Surveyed:
    set_clock(monkeypatch, LAST_DAY)
    return deepcopy(shared_course)


@pytest.fixture
def own_course(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Surveyed:
    """For the tests that commit: what others share is not there."""
    made = make_course()
    set_clock(monkeypatch, LAST_DAY)
    return made


def everybody_answers(course: Surveyed) -> Survey:
    """One after the other, each with a word and a choice that only they use."""
    survey = course.survey()
    for place, each in enumerate(course.people):
        answer(survey, each, place % 4, words=f"某人{place}说")
    return survey


def system_columns(model: type[models.Model], columns: str, order: str = "ctid") -> list[tuple[Any, ...]]:
    """What PostgreSQL keeps of each row beyond its columns."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {model._meta.db_table} ORDER BY {order}")  # noqa: S608
        return list(cursor.fetchall())


def authors(texts: Iterable[str]) -> list[int]:
    """Whose words these are, in the order in which they come: each wrote two."""
    return [int(each.removeprefix("某人").split("说")[0]) for each in texts]


def naive_texts(survey: Survey, texts: list[tuple[int, str]]) -> None:
    TextAnswer.objects.bulk_create(TextAnswer(question_id=key, text=text) for key, text in texts)


def naive_count(survey: Survey, filled: Filled) -> None:
    Option.objects.filter(pk__in=filled.chosen).update(count=models.F("count") + 1)


def naive_take(survey: Survey, ballot: Ballot) -> None:
    Ballot.objects.filter(pk=ballot.pk).update(answered=True)


def written_with_the_ballot() -> dict[int, set[str]]:
    """Join by transaction: by author of a text, the people whose ballots the same transaction wrote."""
    texts = system_columns(TextAnswer, "xmin::text, text")
    ballots = system_columns(Ballot, "xmin::text, enrollment_id")
    people: dict[str, set[str]] = {}
    for transaction, enrollment in ballots:
        people.setdefault(transaction, set()).add(str(enrollment))
    return {authors([text])[0]: people.get(transaction, set()) for transaction, text in texts}


def test_control_texts_appended_lie_in_the_order_of_the_answering(
    course: Surveyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "keep_texts", naive_texts)
    everybody_answers(course)
    found = authors(text for (text,) in system_columns(TextAnswer, "text"))
    assert list(dict.fromkeys(found)) == list(range(PEOPLE))


def test_an_answer_s_columns_hold_no_person_no_time_and_no_sheet() -> None:
    """A text knows its question and itself; a counter its question; a ballot its person and a yes or no."""
    columns = {
        name: {each.name: type(each) for each in model._meta.concrete_fields}
        for name, model in TABLES.items()
    }
    assert set(columns["text"]) == {"id", "question", "text"}
    assert set(columns["option"]) == {"id", "question", "position", "text", "weight", "count"}
    assert set(columns["question"]) == {"id", "survey", "position", "text", "kind", "required", "answered"}
    assert set(columns["ballot"]) == {"id", "survey", "enrollment", "answered"}
    for name, fields in columns.items():
        assert not [each for each in fields.values() if issubclass(each, models.DateField)], name
    for name in ("text", "ballot"):
        assert columns[name]["id"] is models.UUIDField, "keys that were drawn, not counted"


def test_the_texts_of_one_person_do_not_lie_together(course: Surveyed) -> None:
    """Two texts of one sheet are no neighbours but by chance, and share nothing else."""
    everybody_answers(course)
    found = authors(text for (text,) in system_columns(TextAnswer, "text"))
    pairs = [found[at] == found[at + 1] for at in range(0, len(found), 2)]
    assert not all(pairs)


def test_the_audit_the_messages_and_the_logs_learn_nothing_of_the_answers(
    course: Surveyed, caplog: pytest.LogCaptureFixture
) -> None:
    survey = course.survey()
    secret = "只有我会这样写"
    caplog.set_level(logging.DEBUG)
    client, page = as_actor(trainee_of(course.people[0])), reverse("assessment:answer", args=[survey.pk])
    chosen = post(client, page, filled(survey, 3, secret))
    entries = AuditEntry.objects.filter(operation="assessment.answer_survey")
    said = serializers.serialize("json", entries)
    assert entries.get().after == {"answered": True}
    assert secret not in json.loads(said).__str__()
    assert not [key for key in chosen if f'"{key}"' in said or f": {key}," in said]
    for model in (Message, SignIn):
        assert secret not in str(list(model.objects.values())), model
    assert [each.getMessage() for each in caplog.records if secret in each.getMessage()] == []
    assert entries.get().subject_type == "assessment.survey", "not the ballot's key either"


def post(client: Client, page: str, answers: dict[int, Any]) -> list[str]:
    """Send the page's form; the keys of the options chosen."""
    values = {
        f"question_{key}": given if isinstance(given, str) else str(given[0])
        for key, given in answers.items()
    }
    assert client.post(page, values).status_code == 302
    return [str(given[0]) for given in answers.values() if not isinstance(given, str)]


def test_the_last_row_written_at_the_close_is_everybody_s(course: Surveyed) -> None:
    from assessment.services.surveying import close_survey

    everybody_answers(course)
    before = [text for (text,) in system_columns(TextAnswer, "text")]
    close_survey(course.scene.world.base_admin, course.again())
    after = [text for (text,) in system_columns(TextAnswer, "text")]
    assert (sorted(before) == sorted(after), before == after) == (True, False)


def test_the_record_s_history_does_not_say_who_answered_when(course: Surveyed) -> None:
    everybody_answers(course)
    page = as_actor(course.scene.world.base_admin).get(reverse("assessment:survey", args=[course.again().pk]))
    text = page.content.decode()
    assert "填写问卷" not in text
    assert not [each for each in course.people if each.teacher.name in text]


def test_no_list_says_who_has_answered(course: Surveyed) -> None:
    survey = course.survey()
    answer(survey, course.people[0])
    for actor in (course.class_teacher, course.scene.world.base_admin, course.scene.world.manager):
        client = as_actor(actor)
        for page in (reverse("assessment:surveys"), reverse("assessment:survey", args=[survey.pk])):
            text = client.get(page).content.decode()
            assert not [each for each in course.people if each.teacher.name in text]
    assert ballot_of(survey, course.people[0]).answered


@committed
def test_the_transaction_that_wrote_a_row_names_nobody(own_course: Surveyed) -> None:
    everybody_answers(own_course)
    assert {len(people) for people in written_with_the_ballot().values()} == {PEOPLE}
    for model in TABLES.values():
        assert len(set(system_columns(model, "xmin::text, cmin::text"))) == 1, model


@committed
def test_after_any_ballot_all_rows_of_the_survey_are_one_transaction_s(own_course: Surveyed) -> None:
    survey = own_course.survey()
    for place, each in enumerate(own_course.people[:3]):
        answer(survey, each, place, words=f"某人{place}说")
        for model in TABLES.values():
            assert len(set(system_columns(model, "xmin::text"))) == 1, (place, model)


@committed
def test_control_rows_written_one_by_one_name_everybody(
    own_course: Surveyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "keep_texts", naive_texts)
    monkeypatch.setattr(answering, "take_ballot", naive_take)
    everybody_answers(own_course)
    named = written_with_the_ballot()
    assert named == {place: {str(each.pk)} for place, each in enumerate(own_course.people)}


@committed
def test_no_order_of_rows_is_that_of_the_answering(own_course: Surveyed) -> None:
    """By place on the disk, by key, and as they come: that one of them is right by chance is one in 8! or less."""
    everybody_answers(own_course)
    for order in ("ctid", "id", "xmin::text::bigint", "cmin::text::bigint, ctid"):
        found = authors(text for (text,) in system_columns(TextAnswer, "text", order))
        first = list(dict.fromkeys(found))
        assert first not in (list(range(PEOPLE)), list(range(PEOPLE))[::-1]), order
        assert len(found) == 2 * PEOPLE
    read = list(dict.fromkeys(authors(TextAnswer.objects.values_list("text", flat=True))))
    assert read != list(range(PEOPLE))


@committed
def test_the_counters_do_not_tell_what_the_last_one_chose(own_course: Surveyed) -> None:
    survey = own_course.survey()
    answer(survey, own_course.people[0], place=2)
    newest = set(system_columns(Option, "xmin::text"))
    assert len(newest) == 1


@committed
def test_control_counters_written_alone_tell_it(
    own_course: Surveyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "count", naive_count)
    survey = own_course.survey()
    answer(survey, own_course.people[0], place=2)
    rows = system_columns(Option, "xmin::text, position")
    opened = max(rows, key=lambda row: sum(other[0] == row[0] for other in rows))[0]
    assert {position for transaction, position in rows if transaction != opened} == {3}
