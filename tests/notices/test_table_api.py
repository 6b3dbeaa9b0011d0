"""The tables of a rulebook and its review chains under /api/v1/: read, replaced as a whole, refused as on the page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from assessment.models import GradeLevel
from finance.models import ExpenseCategory
from portal import clock
from portal.accounts.roles import Role
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.reviews.models import ReviewChain
from portal.rulebook.models import Amendment, Rulebook
from portal.rulebook.services.publishing import publish_rulebook
from programs.models import DeliverableRequirement
from tests.factories import ProjectOfficeFactory, make_actor
from tests.rulebook_rows import load_cq20, make_manager, signed_in

pytestmark = pytest.mark.django_db
TABLES = {
    "deliverable-requirements": (DeliverableRequirement, {"anchor": "start", "offset_days": -5}),
    "expense-categories": (ExpenseCategory, {}),
    "grade-levels": (GradeLevel, {}),
}


@pytest.fixture
def manager() -> Actor:
    return make_manager()


@pytest.fixture
def rulebook(manager: Actor) -> Rulebook:
    return load_cq20(manager)


def send(client: Client, path: str, data: object) -> tuple[int, Any]:
    answer = client.post(f"/api/v1/{path}", data, content_type="application/json")
    return answer.status_code, answer.json()


@pytest.mark.parametrize("name", list(TABLES))
def test_a_table_is_read_replaced_and_refused(name: str, manager: Actor, rulebook: Rulebook) -> None:
    model, more = TABLES[name]
    client = signed_in(manager)
    listed = client.get(f"/api/v1/{name}/", {"rulebook": rulebook.pk}).json()["results"]
    rows = sorted(listed, key=lambda row: row["position"])
    assert [row["code"] for row in rows] == [each.code for each in model._default_manager.all()]
    assert any(str(row["clause"]).startswith("CQ20-") for row in rows)
    wanted = [*rows, {"code": "more", "name": "新增一项", **more}]
    asked = {"rulebook": rulebook.pk, "version": rulebook.version, "rows": wanted}
    status, done = send(client, f"{name}/replace/", asked)
    assert (status, done["version"]) == (200, rulebook.version + 1)
    assert model._default_manager.filter(code="more").count() == 1
    status, refused = send(client, f"{name}/replace/", asked)
    assert (status, refused["code"]) == (409, "changed_meanwhile")
    again = asked | {"version": rulebook.version + 1, "rows": [*wanted, wanted[-1]]}
    status, refused = send(client, f"{name}/replace/", again)
    assert (status, "代号重复" in refused["message"]) == (422, True)
    wrong = asked | {"rows": [{"code": "x", "name": "x", "clause": "CQ20-99.9", **more}]}
    assert send(client, f"{name}/replace/", wrong)[0] == 400


@pytest.mark.parametrize("name", list(TABLES))
def test_strangers_find_no_table_and_others_may_not_change_it(
    name: str, manager: Actor, rulebook: Rulebook
) -> None:
    asked = {"rulebook": rulebook.pk, "version": rulebook.version, "rows": []}
    stranger = signed_in(make_actor(Role.PROGRAM_MANAGER, ProjectOfficeFactory()))
    assert stranger.get(f"/api/v1/{name}/").json()["results"] == []
    assert send(stranger, f"{name}/replace/", asked)[0] == 400
    reviewer = signed_in(make_actor(Role.OFFICE_REVIEWER, manager.organization))
    assert send(reviewer, f"{name}/replace/", asked)[0] == 403


def test_after_publication_a_change_needs_its_reason(manager: Actor, rulebook: Rulebook) -> None:
    publish_rulebook(Act(Actor.system("test"), clock.now()), rulebook)
    client = signed_in(manager)
    rows = client.get("/api/v1/expense-categories/").json()["results"]
    asked = {"rulebook": rulebook.pk, "version": rulebook.version, "rows": rows[1:]}
    status, refused = send(client, "expense-categories/replace/", asked)
    assert (status, "变更须填写理由" in refused["message"]) == (422, True)
    assert send(client, "expense-categories/replace/", asked | {"reason": "并入培训费"})[0] == 200
    assert Amendment.objects.get().reason == "并入培训费"


def test_a_review_chain_is_read_and_changed(manager: Actor, rulebook: Rulebook) -> None:
    client, chain = signed_in(manager), ReviewChain.objects.order_by("pk").first()
    assert chain
    found = client.get(f"/api/v1/review-chains/{chain.pk}/").json()
    assert found["steps"]
    steps = [
        *found["steps"],
        {"name": "复核", "role": "program_manager", "where": "project_office", "days": 2},
    ]
    asked = {"version": rulebook.version, "steps": steps}
    status, done = send(client, f"review-chains/{chain.pk}/change/", asked)
    assert (status, [each["name"] for each in done["steps"]][-1]) == (200, "复核")
    assert send(client, f"review-chains/{chain.pk}/change/", asked | {"steps": steps[:1]})[0] == 409
    wrong = [{"name": "x", "role": "school_admin", "where": "bureau", "days": None}]
    status, refused = send(client, f"review-chains/{chain.pk}/change/", asked | {"steps": wrong})
    assert (status, "无人可以审核" in refused["message"]) == (422, True)
    stranger = signed_in(make_actor(Role.PROGRAM_MANAGER, ProjectOfficeFactory()))
    assert send(stranger, f"review-chains/{chain.pk}/change/", asked)[0] == 404
