"""The API does what the pages do, with the same refusals."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.reviews.models import Verdict
from programs.services.prefilling import notice_draft
from tests.factories import BaseFactory, make_actor
from tests.programs.audience import Audience
from tests.programs.training import NEEDS, PLAN, budgeted, decided, fresh, owed, pdf, published
from tests.programs.world import BACKEND, World, moment, set_clock

pytestmark = pytest.mark.django_db


def api(actor: Actor) -> APIClient:
    client = APIClient()
    assert actor.user
    client.force_login(actor.user, backend=BACKEND)
    return client


def test_a_class_goes_from_needs_to_open(
    world: World, audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, base = published(world), api(world.base_admin)
    url = f"/api/v1/classes/{made.pk}/"
    assert base.put(f"{url}needs/", {**NEEDS, "surveyed_on": "2020-10-20"}, format="json").status_code == 200
    plan: dict[str, Any] = base.put(f"{url}plan/", PLAN, format="json").json()
    sent = base.post(f"/api/v1/plans/{plan['id']}/submit/", {"version": plan["version"]}, format="json")
    assert sent.json()["state"] == "submitted"
    decided(world, fresh(made).plan, Verdict.APPROVE)
    notice = base.put(f"{url}notice/", notice_draft(fresh(made)), format="json").json()
    issued = base.post(f"/api/v1/opening-notices/{notice['id']}/issue/", {"version": 1}, format="json")
    assert issued.json()["issued_at"]
    assert api(audience.trainee).post(f"/api/v1/opening-notices/{notice['id']}/read/").status_code == 200
    change = notice_draft(fresh(made)) | {"place": "南校区", "version": 1, "reason": "换校区"}
    done = base.post(f"/api/v1/opening-notices/{notice['id']}/correct/", change, format="json")
    assert (done.json()["edition"], done.json()["place"]) == (2, "南校区")
    budgeted(world, fresh(made))
    set_clock(monkeypatch, moment(11, 8))
    early = base.post(f"{url}open/")
    assert (early.status_code, early.json()["code"]) == (409, "too_early")
    set_clock(monkeypatch, moment(11, 9, 8))
    assert base.post(f"{url}open/").json()["state"] == "open"
    set_clock(monkeypatch, moment(11, 18, 18))
    assert base.post(f"{url}finish/").json()["state"] == "finished"
    assert api(world.manager).post(f"{url}reopen/", {"reason": "更正"}).json()["state"] == "open"


def test_deliverables_are_listed_handed_in_and_decided(world: World) -> None:
    made, base, office = published(world), api(world.base_admin), api(world.manager)
    listed = base.get("/api/v1/deliverables/?status=owed").json()
    assert len(listed["results"]) == 8
    key = owed(made, "summary").pk
    sent = base.post(
        f"/api/v1/deliverables/{key}/hand_in/", {"title": "总结", "files": [pdf()]}, format="multipart"
    )
    assert sent.status_code == 201
    url = f"/api/v1/submissions/{sent.json()['id']}/"
    assert office.post(f"{url}return/", {"opinion": ""}).status_code == 422
    assert office.post(f"{url}return/", {"opinion": "请补充"}).json()["state"] == "returned"
    assert base.post(f"{url}again/", {"title": "总结", "text": "二稿"}).json()["state"] == "submitted"
    assert office.post(f"{url}accept/").json()["state"] == "accepted"


def test_strangers_find_nothing(world: World) -> None:
    made = published(world)
    other = api(make_actor(Role.BASE_ADMIN, BaseFactory(parent=world.city)))
    assert other.get("/api/v1/deliverables/").json()["results"] == []
    assert other.get(f"/api/v1/deliverables/{owed(made, 'summary').pk}/").status_code == 404
    assert other.put(f"/api/v1/classes/{made.pk}/plan/", PLAN, format="json").status_code == 403
