"""Surveys and inspections under /api/v1/: the same acts and the same silence as the pages."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from django.test import Client

from assessment.models import Inspection, InspectionState
from portal.accounts.roles import Role
from portal.people.models import Teacher
from tests.assessment.surveyed import LAST_DAY, Surveyed, answer, filled, make_surveyed, trainee_of
from tests.enrollment.support import make_scene, picture
from tests.factories import make_actor
from tests.programs.world import as_actor, moment, set_clock

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared_course(shared_database: None) -> Surveyed:
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, moment(10, 24))
        return make_surveyed(make_scene(seats=6))


@pytest.fixture
def course(
    db: None, shared_course: Surveyed, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> Surveyed:
    settings.MEDIA_ROOT = tmp_path / "files"
    set_clock(monkeypatch, LAST_DAY)
    return deepcopy(shared_course)


def post(client: Client, path: str, data: Any = None) -> Any:
    return client.post(f"/api/v1/{path}", data or {}, content_type="application/json")


@pytest.mark.clause("CQ20-3.6")
def test_a_trainee_answers_and_the_base_reads_the_whole(course: Surveyed) -> None:
    survey = course.survey()
    trainee = as_actor(trainee_of(course.people[0]))
    asked = trainee.get(f"/api/v1/surveys/{survey.pk}/questions/").json()
    assert len(asked) == 15
    assert "count" not in asked[0]["options"][0]
    answers = [
        {"question": each["id"], "options": [each["options"][0]["id"]]}
        if each["options"]
        else {"question": each["id"], "text": "很好"}
        for each in asked
    ]
    assert post(trainee, f"surveys/{survey.pk}/answer/", {"answers": answers}).status_code == 200
    assert post(trainee, f"surveys/{survey.pk}/answer/", {"answers": answers}).status_code == 409
    base = as_actor(course.scene.world.base_admin)
    refused = base.get(f"/api/v1/surveys/{survey.pk}/results/")
    assert (refused.status_code, refused.json()["code"]) == (422, "results_hidden")
    for each in course.people[1:]:
        answer(survey, each)
    assert post(base, f"surveys/{survey.pk}/close/").json()["mean"] == "100.00"
    results = base.get(f"/api/v1/surveys/{survey.pk}/results/").json()
    assert (results[0]["options"][0]["count"], len(results[13]["texts"])) == (6, 6)
    assert trainee.get(f"/api/v1/surveys/{survey.pk}/").json()["mean"] is None
    assert trainee.get(f"/api/v1/surveys/{survey.pk}/results/").status_code == 422


def test_the_api_reminds_and_hides_from_strangers(course: Surveyed) -> None:
    survey = course.survey()
    answer(survey, course.people[0])
    assert post(as_actor(course.class_teacher), f"surveys/{survey.pk}/remind/").json() == {"count": 5}
    stranger = as_actor(make_actor(Role.BASE_ADMIN))
    assert stranger.get(f"/api/v1/surveys/{survey.pk}/").status_code == 404
    assert as_actor(make_actor(Role.EXPERT)).get("/api/v1/surveys/").json()["results"] == []
    assert filled(survey)


@pytest.mark.clause("CQ20-6.4")
def test_an_inspection_from_plan_to_circular(course: Surveyed) -> None:
    world = course.scene.world
    expert = make_actor(Role.EXPERT, world.city)
    office, visitor, base = as_actor(world.manager), as_actor(expert), as_actor(world.base_admin)
    plan = {
        "program": world.program.pk,
        "projects": [world.project("P1").pk],
        "planned_on": "2020-11-18",
        "method": "on_site",
        "inspectors": [expert.user_id],
    }
    made = post(office, "inspections/plan/", plan)
    assert made.status_code == 201
    key = made.json()[0]["id"]
    items = world.program.rulebook.inspection_items.all()
    record = {
        "version": 1,
        "visited_on": "2020-11-18",
        "opinion": "好",
        "marks": [{"item": each.pk, "points": str(each.points)} for each in items],
        "points": [{"text": "缺签到"}],
    }
    assert post(visitor, f"inspections/{key}/record/", record).status_code == 200
    assert post(visitor, f"inspections/{key}/record/", record).status_code == 409
    assert visitor.post(f"/api/v1/inspections/{key}/files/", {"files": [picture()]}).status_code == 200
    assert base.get(f"/api/v1/inspections/{key}/").status_code == 404
    assert post(visitor, f"inspections/{key}/submit/").json()["score"] == "100.00"
    point = base.get("/api/v1/inspection-points/").json()["results"][0]["id"]
    assert post(base, f"inspection-points/{point}/answer/", {"answer": "已补"}).status_code == 200
    assert post(office, f"inspection-points/{point}/settle/", {"accept": True}).status_code == 200
    assert post(office, f"inspections/{key}/close/").json()["state"] == "closed"
    sent = {
        "program": world.program.pk,
        "title": "通报",
        "text": "正文",
        "inspections": [key],
        "organizations": [world.base.pk],
    }
    assert post(office, "circulars/circulate/", sent).status_code == 201
    assert len(base.get("/api/v1/circulars/").json()["results"]) == 1
    again = post(office, "inspections/plan/", plan).json()[0]["id"]
    assert post(office, f"inspections/{again}/cancel/", {"reason": "重复"}).status_code == 200
    assert Inspection.objects.get(pk=again).state == InspectionState.CANCELLED
    assert Teacher.objects.exists()
