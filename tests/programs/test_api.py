"""Programmes, projects and classes under /api/v1/: the same lists, changes and refusals as the pages."""

from typing import Any

import pytest
from django.test import Client

from portal.accounts.roles import Role
from programs.models import ClassState, Project, TrainingClass
from tests.factories import make_actor
from tests.programs.world import CLASS_VALUES, World, as_actor, make_class, moment, project_row, set_clock

pytestmark = [pytest.mark.django_db, pytest.mark.own_worlds]
API = "/api/v1"


def post(client: Client, path: str, data: object = None, method: str = "post") -> tuple[int, Any]:
    answer = getattr(client, method)(f"{API}/{path}", data or {}, content_type="application/json")
    return answer.status_code, answer.json()


def project_json(world: World, **changes: Any) -> dict[str, Any]:
    values, audience = project_row(world, "P1")
    return {
        **values,
        "category": values["category"].pk,
        "base": world.base.pk,
        "audience": audience,
        **changes,
    }


def test_the_office_adds_and_changes_projects(draft: World) -> None:
    client = as_actor(draft.manager)
    status, made = post(client, f"programs/{draft.program.pk}/projects/", project_json(draft))
    assert (status, made["audience"]["subjects"]) == (201, ["会计"])
    changed = project_json(draft, name="改名", version=1)
    assert post(client, f"projects/{made['id']}/change/", changed)[0] == 200
    status, refused = post(client, f"projects/{made['id']}/change/", changed)
    assert (status, refused["code"]) == (409, "changed_meanwhile")
    assert Project.objects.get().name == "改名"
    status, refused = post(client, f"programs/{draft.program.pk}/publish/")
    assert (status, refused["code"]) == (422, "incomplete")
    found = client.get(f"{API}/categories/", {"program": draft.program.pk}).json()
    assert len(found["results"]) == 10


@pytest.mark.clause("CQ20-3.1")
def test_a_base_publishes_its_class_until_the_deadline(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client, p1 = as_actor(world.base_admin), world.project("P1")
    values = {**CLASS_VALUES, "starts_on": "2020-11-09", "ends_on": "2020-11-18"}
    status, made = post(client, f"projects/{p1.pk}/classes/", values)
    assert (status, made["state"]) == (201, "draft")
    made = make_class(world)
    lessons = client.get(f"{API}/classes/{made.pk}/lessons/").json()
    lessons[0]["topic"] = "新课"
    assert post(client, f"classes/{made.pk}/lessons/", lessons, "put")[0] == 200
    assert made.lessons.get().topic == "新课"
    set_clock(monkeypatch, moment(10, 27, 0, 0))
    status, refused = post(client, f"classes/{made.pk}/publish/")
    assert (refused["clause"], TrainingClass.objects.get(pk=made.pk).state) == ("CQ20-3.1", ClassState.DRAFT)
    assert status >= 400
    set_clock(monkeypatch, moment(10, 26))
    assert post(client, f"classes/{made.pk}/publish/")[1]["state"] == "published"
    assert post(client, f"classes/{made.pk}/withdraw/", {"reason": "调整"})[1]["state"] == "draft"


def test_another_authority_finds_nothing(world: World) -> None:
    made = make_class(world, published=True)
    stranger = as_actor(make_actor(Role.BUREAU_CLERK))
    for path in ("programs", "projects", "categories", "classes"):
        assert stranger.get(f"{API}/{path}/").json()["results"] == [], path
    assert stranger.get(f"{API}/classes/{made.pk}/").status_code == 404
    assert post(stranger, f"programs/{world.program.pk}/publish/")[0] == 404
    assert Client().get(f"{API}/projects/").status_code in {401, 403}
