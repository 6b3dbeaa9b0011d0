"""Arrivals, attendance, leave and grades under /api/v1/. Source: CQ20-5.2."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from assessment.models import Attendance, Grade
from assessment.services import attendance
from enrollment import tokens
from enrollment.models import CheckIn
from enrollment.services import arrivals
from portal.accounts.roles import Role
from tests.assessment.classroom import Classroom, add_trainees
from tests.factories import BaseFactory, make_actor
from tests.programs.world import as_actor

pytestmark = pytest.mark.django_db


def post(client: Client, path: str, data: dict[str, Any] | None = None) -> Any:
    return client.post(f"/api/v1/{path}", data or {}, content_type="application/json")


def test_arrivals_are_written_down_scanned_and_taken_back(classroom: Classroom) -> None:
    first, second = add_trainees(classroom, 2, arrived=False)
    teacher, key = as_actor(classroom.teacher), classroom.training_class.pk
    given = {"training_class": key, "arrivals": [{"enrollment": first.pk, "form_copies": 3}]}
    assert post(teacher, "check-ins/check_in/", given).json() == {"changed": 1}
    token = tokens.sign(arrivals.PURPOSE, key)
    done = post(as_actor(classroom.trainee(6)), "check-ins/scan/", {"token": token})
    assert (done.json()["state"], done.json()["enrollment"]) == ("present", second.pk)
    listed = teacher.get("/api/v1/check-ins/", {"training_class": key}).json()["results"]
    assert len(listed) == 7
    wrong = CheckIn.objects.get(enrollment=first)
    assert post(teacher, f"check-ins/{wrong.pk}/correct/", {"reason": "点错人"}).status_code == 204
    stranger = as_actor(make_actor(Role.BASE_ADMIN, BaseFactory(parent=classroom.world.city)))
    assert post(stranger, "check-ins/check_in/", given).status_code == 404
    assert stranger.get("/api/v1/check-ins/").json()["results"] == []


@pytest.mark.clause("CQ20-5.2")
def test_a_list_sent_twice_over_the_api_counts_once(classroom: Classroom) -> None:
    teacher, session = as_actor(classroom.teacher), classroom.session()
    given = {
        "nonce": str(uuid4()),
        "marks": [{"enrollment": classroom.keys[0], "status": "late"}],
        "rest": "present",
    }
    for _time in range(2):
        assert post(teacher, f"sessions/{session.pk}/take/", given).json()["changed"] == 5
    assert Attendance.objects.count() == 5
    assert len(teacher.get(f"/api/v1/sessions/{session.pk}/marks/").json()) == 5
    mine = as_actor(classroom.trainee()).get(f"/api/v1/sessions/{session.pk}/marks/").json()
    assert [each["enrollment"] for each in mine] == [classroom.keys[0]]
    stranger = as_actor(make_actor(Role.BASE_ADMIN, BaseFactory(parent=classroom.world.city)))
    assert post(stranger, f"sessions/{session.pk}/take/", given).status_code == 404


def test_a_trainee_scans_and_asks_for_leave(classroom: Classroom) -> None:
    mine = as_actor(classroom.trainee())
    token = tokens.sign(attendance.PURPOSE, classroom.session().pk)
    assert post(mine, "sessions/scan/", {"token": token, "nonce": str(uuid4())}).json()["status"] == "present"
    given = {
        "enrollment": classroom.keys[0],
        "first": classroom.session(1).pk,
        "last": classroom.session(1).pk,
        "reason": "看病",
    }
    made = post(mine, "leave-requests/ask/", given)
    assert made.status_code == 201
    path = f"leave-requests/{made.json()['id']}"
    assert post(as_actor(classroom.trainee(1)), f"{path}/withdraw/").status_code == 404
    assert post(mine, f"{path}/withdraw/").json()["state"] == "withdrawn"
    path = f"leave-requests/{post(mine, 'leave-requests/ask/', given).json()['id']}"
    assert (
        post(as_actor(classroom.teacher), f"{path}/decide/", {"approve": True}).json()["state"] == "approved"
    )


@pytest.mark.clause("CQ20-5.2")
def test_the_cap_holds_over_the_api(classroom: Classroom) -> None:
    teacher, key = as_actor(classroom.teacher), classroom.training_class.pk

    def sending(*levels: str) -> dict[str, Any]:
        pairs = zip(classroom.keys, levels, strict=False)
        return {
            "training_class": key,
            "grades": [
                {"enrollment": one, "level": level, "performance_mark": "88.5"} for one, level in pairs
            ],
        }

    refused = post(teacher, "grades/record/", sending("excellent", "excellent"))
    assert refused.status_code == 422
    assert refused.json()["code"] == "over_cap"
    assert "CQ20-5.2" in str(refused.json()["clause"])
    assert post(teacher, "grades/record/", sending("excellent", *["pass"] * 4)).json() == {"changed": 5}
    assert (
        teacher.get("/api/v1/grades/", {"level__code": "excellent"}).json()["results"][0]["level"]
        == "excellent"
    )
    found = teacher.get("/api/v1/gradings/").json()["results"][0]
    assert found["tallies"] == [{"level": "excellent", "used": 1, "most": 1, "left": 0}]
    path = f"gradings/{found['id']}"
    base, office = as_actor(classroom.base), as_actor(classroom.office)
    assert post(teacher, f"{path}/submit/").json()["state"] == "submitted"
    assert post(base, f"{path}/return/", {"reason": "补评语"}).json()["state"] == "open"
    assert post(teacher, f"{path}/submit/").json()["state"] == "submitted"
    assert post(base, f"{path}/close/").json()["state"] == "closed"
    assert post(base, f"{path}/reopen/", {"reason": "更正"}).status_code == 403
    assert post(office, f"{path}/reopen/", {"reason": ""}).status_code == 400
    assert post(office, f"{path}/reopen/", {"reason": "更正"}).json()["state"] == "open"
    assert Grade.objects.count() == 5
