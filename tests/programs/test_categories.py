"""The categories of projects: changed on screen, amended after publication."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from portal import clock
from portal.errors import NotAllowed, WrongState
from portal.operations.actor import Actor
from portal.rulebook.models import Amendment, Rulebook
from portal.rulebook.services.amending import Why
from programs.models import Category
from programs.services.categories import FIELDS, TABLE, edit_categories
from tests.programs.world import World
from tests.rulebook_rows import load_cq20, make_manager, rows_form, signed_in

pytestmark = pytest.mark.django_db

ELEVENTH = {"code": "11", "name": "乡村振兴", "clause": None}


@pytest.fixture
def manager() -> Actor:
    return make_manager()


@pytest.fixture
def rulebook(manager: Actor) -> Rulebook:
    return load_cq20(manager)


def rows(rulebook: Rulebook) -> list[dict[str, Any]]:
    return [row | {"clause": None} for row in TABLE.stored(rulebook).values("code", *FIELDS)]


@pytest.mark.clause("CQ20-1.1")
def test_after_publication_the_change_is_dated_and_reasoned(manager: Actor, rulebook: Rulebook) -> None:
    Rulebook.objects.update(published_at=clock.now())
    rulebook = Rulebook.objects.get()
    why = Why("增设类别", clock.now())
    edit_categories(manager, rulebook, version=rulebook.version, rows=[*rows(rulebook), ELEVENTH], why=why)
    made = Category.objects.get(code="11")
    assert (made.position, made.program) == (11, rulebook.program)
    assert Amendment.objects.get().after["11"] == "乡村振兴"


def test_a_category_that_has_projects_stays(world: World) -> None:
    rulebook = world.program.rulebook
    used = world.project("P1").category
    left = [row for row in rows(rulebook) if row["code"] != used.code]
    wanted = left or [ELEVENTH]
    with pytest.raises(WrongState, match="已被使用"):
        edit_categories(
            world.manager, rulebook, version=rulebook.version, rows=wanted, why=Why("调整", clock.now())
        )


def test_another_office_may_not(rulebook: Rulebook) -> None:
    with pytest.raises(NotAllowed):
        edit_categories(make_manager(), rulebook, version=rulebook.version, rows=[ELEVENTH])


def test_the_rulebook_leads_to_the_page_and_the_page_saves(manager: Actor, rulebook: Rulebook) -> None:
    client, url = signed_in(manager), reverse("programs:categories", args=[rulebook.pk])
    assert url in client.get(reverse("rulebook:detail", args=[rulebook.pk])).content.decode()
    assert signed_in(make_manager()).get(url).status_code == 404
    form = rows_form(rulebook, [*rows(rulebook), ELEVENTH], stored=10)
    assert client.post(url, form).status_code == 302
    assert rulebook.program.categories.count() == 11


def test_the_api_replaces_them(manager: Actor, rulebook: Rulebook) -> None:
    client = signed_in(manager)
    body = {"rulebook": rulebook.pk, "version": rulebook.version, "rows": [ELEVENTH]}
    done = client.post("/api/v1/categories/replace/", body, content_type="application/json")
    assert done.status_code == 200, done.content
    assert [each["name"] for each in client.get("/api/v1/categories/").json()["results"]] == ["乡村振兴"]
