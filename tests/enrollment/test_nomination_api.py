"""Nominations and sheets under /api/v1/: the same lists, acts and refusals as the pages."""

import pytest

from enrollment.models import Nomination, NominationState, SheetState
from portal.reviews.models import Verdict
from tests.enrollment.support import Scene, again, pdf
from tests.programs.world import as_actor

pytestmark = pytest.mark.django_db
JSON = "application/json"


def test_a_school_nominates_and_takes_back(scene: Scene) -> None:
    client, teacher = as_actor(scene.school_admin), scene.teacher()
    given = {
        "program": scene.project.program.pk,
        "people": [{"teacher": teacher.pk, "project": scene.project.pk}],
    }
    done = client.post("/api/v1/nominations/nominate/", given, content_type=JSON)
    assert done.status_code == 201, done.content
    made = done.json()[0]
    assert (made["state"], made["masked_id"]) == ("at_bureau", teacher.masked_id)
    listed = client.get("/api/v1/nominations/", {"state": "at_bureau"}).json()
    assert [each["id"] for each in listed["results"]] == [made["id"]]
    address = f"/api/v1/nominations/{made['id']}/withdraw/"
    assert client.post(address, {"reason": "误报"}, content_type=JSON).json()["state"] == "withdrawn"


def test_a_refusal_names_code_clause_and_findings(scene: Scene) -> None:
    client = as_actor(scene.school_admin)
    given = {
        "program": scene.project.program.pk,
        "people": [{"teacher": scene.teacher(phone="").pk, "project": scene.project.pk}],
    }
    refused = client.post("/api/v1/nominations/nominate/", given, content_type=JSON)
    assert refused.status_code == 422
    assert refused.json()["code"] == "rule_broken"
    assert "CQ20-6.2" in str(refused.json()["clause"])
    assert not Nomination.objects.exists()


def test_what_one_does_not_see_cannot_be_named(scene: Scene) -> None:
    client = as_actor(scene.school_admin)
    stranger = scene.teacher(school=scene.other_school)
    given = {
        "program": scene.project.program.pk,
        "people": [{"teacher": stranger.pk, "project": scene.project.pk}],
    }
    assert client.post("/api/v1/nominations/nominate/", given, content_type=JSON).status_code == 422
    given["program"] = 0
    assert client.post("/api/v1/nominations/nominate/", given, content_type=JSON).status_code == 422


def test_a_bureau_drafts_submits_and_corrects(scene: Scene) -> None:
    client, teacher = as_actor(scene.clerk), scene.teacher()
    given = {
        "program": scene.project.program.pk,
        "people": [{"teacher": teacher.pk, "project": scene.project.pk}],
    }
    sheet = client.post("/api/v1/nomination-sheets/draft/", given, content_type=JSON).json()
    address = f"/api/v1/nomination-sheets/{sheet['id']}/submit/"
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"scan": pdf()}).json()["state"] == SheetState.SUBMITTED
    (made,) = Nomination.objects.all()
    scene.decided(made, Verdict.RETURN, "请核对")
    client.post(f"/api/v1/nominations/{made.pk}/resubmit/", {"note": "已核对"}, content_type=JSON)
    assert again(made).state == NominationState.SUBMITTED


def test_a_drafted_sheet_is_given_up(scene: Scene) -> None:
    sheet = scene.sheet(scene.teacher())
    address = f"/api/v1/nomination-sheets/{sheet.pk}/withdraw/"
    assert as_actor(scene.college_admin).post(address, {"reason": "填错"}).status_code == 404
    done = as_actor(scene.clerk).post(address, {"reason": "填错"}, content_type=JSON)
    assert done.json()["state"] == SheetState.WITHDRAWN
