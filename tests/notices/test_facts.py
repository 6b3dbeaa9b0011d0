"""Single values of a notice: declared with a default, read from the file, changed on screen, used within queries."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from assessment.plugs.grades import DUE_AFTER
from assessment.services.certificates import NUMBER
from portal import clock
from portal.errors import Conflict, Invalid, NotAllowed
from portal.operations.actor import Actor
from portal.reviews.services.deadlines import LAPSES, SOON
from portal.rulebook.facts import fact, facts, shown, stage
from portal.rulebook.models import Amendment, Rulebook
from portal.rulebook.services.amending import Why
from portal.rulebook.services.deadlines import AHEAD
from portal.rulebook.services.facts import edit_facts
from programs.services.sweeping import ESCALATE_AFTER
from tests.rulebook_rows import load_cq20, make_manager, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Actor:
    return make_manager()


@pytest.fixture
def rulebook(manager: Actor) -> Rulebook:
    return load_cq20(manager)


def test_what_the_notice_says_stands_before_the_default(rulebook: Rulebook) -> None:
    assert LAPSES.of(rulebook) is True
    assert AHEAD.of(rulebook) == (1, 3)
    rulebook.facts = {}
    assert LAPSES.of(rulebook) is False
    assert DUE_AFTER.of(rulebook) == 7


def test_every_value_of_the_file_is_asked_for_by_some_part_of_the_portal(rulebook: Rulebook) -> None:
    assert rulebook.facts.keys() <= {each.name for each in facts()}


def test_a_draft_is_changed_freely_and_keeps_the_rest(manager: Actor, rulebook: Rulebook) -> None:
    values = {"grading_due_days": 10, "phase_reminder_days": [7, 1, 7]}
    edit_facts(manager, rulebook, version=rulebook.version, values=values)
    kept = Rulebook.objects.get()
    assert DUE_AFTER.of(kept) == 10
    assert AHEAD.of(kept) == (1, 7)
    assert kept.facts["hours_per_credit"] == 3
    assert not Amendment.objects.exists()


def test_after_publication_the_change_is_dated_and_reasoned(manager: Actor, rulebook: Rulebook) -> None:
    Rulebook.objects.update(published_at=clock.now())
    rulebook = Rulebook.objects.get()
    with pytest.raises(Invalid, match="理由"):
        edit_facts(manager, rulebook, version=rulebook.version, values={"grading_due_days": 5})
    rulebook = Rulebook.objects.get()
    why = Why("各基地反映时间过长", clock.now())
    edit_facts(
        manager, rulebook, version=rulebook.version, values={"grading_due_days": 5, "projects": 66}, why=why
    )
    made = Amendment.objects.get()
    assert (made.target, made.before, made.after) == (
        "facts",
        {"结班后几天内提交成绩": "7"},
        {"结班后几天内提交成绩": "5"},
    )


def test_no_change_is_no_change(manager: Actor, rulebook: Rulebook) -> None:
    same = {each.name: each.of(rulebook) for each in facts()}
    assert edit_facts(manager, rulebook, version=rulebook.version, values=same).version == rulebook.version


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("grading_due_days", -1, "0至400"),
        ("grading_due_days", "7", "类型"),
        ("grading_due_days", True, "类型"),
        ("lapse_reviews", 1, "类型"),
        ("phase_reminder_days", [], "1至5个"),
        ("phase_reminder_days", [1, 2, 3, 4, 5, 6], "1至5个"),
        ("phase_reminder_days", [0], "1至30"),
        ("phase_reminder_days", ["1"], "整数"),
        ("certificate_number", "GP{serial", "只能引用"),
        ("certificate_number", "GP{teacher}", "只能引用"),
        ("certificate_number", "{serial.real}", "只能引用"),
        ("certificate_text", "{name}{idnumber}", "只能引用"),
        ("nobody", 1, "没有名为"),
    ],
)
def test_what_cannot_be_is_refused(
    manager: Actor, rulebook: Rulebook, name: str, value: Any, words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        edit_facts(manager, rulebook, version=rulebook.version, values={name: value})


def test_the_second_of_two_is_told(manager: Actor, rulebook: Rulebook) -> None:
    seen = rulebook.version
    edit_facts(manager, rulebook, version=seen, values={"grading_due_days": 5})
    with pytest.raises(Conflict):
        edit_facts(manager, rulebook, version=seen, values={"grading_due_days": 6})


def test_another_office_may_not(rulebook: Rulebook) -> None:
    with pytest.raises(NotAllowed):
        edit_facts(make_manager(), rulebook, version=rulebook.version, values={"grading_due_days": 5})


def test_queries_reckon_with_what_each_rulebook_says(rulebook: Rulebook) -> None:
    amendment = Amendment.objects.create(
        rulebook=rulebook, before={}, after={}, effective_at=clock.now(), made_at=clock.now()
    )
    day, now = date(2021, 5, 10), timezone.make_aware(datetime(2021, 5, 10, 9))
    rows = Amendment.objects.filter(pk=amendment.pk).annotate(
        due=DUE_AFTER.days_after(day, "rulebook"),
        earlier=ESCALATE_AFTER.days_before(day, "rulebook"),
        soon=SOON.moment_after(now, "rulebook"),
    )
    found = rows.values_list("due", "earlier", "soon").get()
    assert found == (date(2021, 5, 17), date(2021, 5, 7), now + timedelta(days=1))
    Rulebook.objects.update(facts={"grading_due_days": 30})
    assert rows.values_list("due", "earlier").get() == (date(2021, 6, 9), date(2021, 5, 7))


def test_reminders_go_by_the_nearest_distance() -> None:
    assert [stage(timedelta(days=days), (1, 3)) for days in (4, 3, 2, 1, 0)] == [None, 3, 3, 1, 1]


def test_values_in_words() -> None:
    assert [shown(each) for each in (True, False, (1, 3), 7, "甲")] == ["是", "否", "1、3", "7", "甲"]


def test_a_name_is_declared_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        fact(NUMBER.name, "再来", "")


def test_the_page_shows_and_saves(manager: Actor, rulebook: Rulebook) -> None:
    client, url = signed_in(manager), reverse("rulebook:facts", args=[rulebook.pk])
    page = client.get(reverse("rulebook:detail", args=[rulebook.pk])).content.decode()
    assert url in page
    assert "结班后几天内提交成绩" in page
    form = {each.name: shown(each.of(rulebook)) for each in facts()}
    form = {name: value for name, value in form.items() if value != "否"}
    given = form | {"version": rulebook.version, "phase_reminder_days": "1，5", "lapse_reviews": ""}
    refused = client.post(url, given | {"phase_reminder_days": "很早"})
    assert refused.status_code == 422
    assert client.post(url, given).status_code == 302
    kept = Rulebook.objects.get()
    assert AHEAD.of(kept) == (1, 5)
    assert LAPSES.of(kept) is False
    assert signed_in(make_manager()).get(url).status_code == 404


def test_the_api_sets_them(manager: Actor, rulebook: Rulebook) -> None:
    client, url = signed_in(manager), f"/api/v1/rulebooks/{rulebook.pk}/facts/"
    body = {"version": rulebook.version, "values": {"survey_reminder_days": [2]}}
    done = client.post(url, body, content_type="application/json")
    assert done.json()["facts"]["survey_reminder_days"] == [2]
    body = {"version": rulebook.version + 1, "values": {"survey_reminder_days": [99]}}
    refused = client.post(url, body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
