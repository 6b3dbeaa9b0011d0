"""The list of print runs, on its page and under /api/v1/: who sees what, at what cost, and its file."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.roles import Role
from portal.jobs.models import Job, JobState
from portal.operations.actor import Actor
from portal.organizations.models import Organization
from portal.papers.kinds import label_of
from portal.papers.models import PaperBatch
from portal.papers.services.starting import print_one, print_papers
from portal.papers.tables import state_of
from tests.factories import BureauFactory, SchoolFactory, make_actor
from tests.papers.conftest import CODE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("form_kind")]
API = "/api/v1/print-runs/"


@pytest.fixture
def school() -> Organization:
    made: Organization = SchoolFactory(parent=BureauFactory())
    return made


@pytest.fixture
def clerk(school: Organization) -> Actor:
    return make_actor(Role.BUREAU_CLERK, school.parent)


def client_of(actor: Actor) -> Client:
    client = Client()
    assert actor.user
    client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def start(actor: Actor, school: Organization, title: str = "演示批次") -> PaperBatch:
    return print_papers(actor, None, kind=CODE, subjects=[school.pk], title=title)


def test_the_list_shows_one_s_own_and_those_of_one_s_reach(clerk: Actor, school: Organization) -> None:
    start(clerk, school, "区县批次")
    start(make_actor(Role.SCHOOL_ADMIN, school), school, "学校批次")
    page = client_of(clerk).get(reverse("papers:batches")).content.decode()
    assert ("区县批次" in page, "学校批次" in page, "演示推荐表" in page) == (True, True, True)
    theirs = client_of(make_actor(Role.SCHOOL_ADMIN, school)).get(reverse("papers:batches")).content.decode()
    assert ("区县批次" in theirs, "学校批次" in theirs) == (False, True)
    stranger = client_of(make_actor(Role.BUREAU_CLERK)).get(reverse("papers:batches")).content.decode()
    assert ("区县批次" in stranger, "学校批次" in stranger) == (False, False)
    assert client_of(make_actor(Role.SYSTEM_ADMIN)).get(reverse("papers:batches")).status_code == 403
    assert Client().get(reverse("papers:batches")).status_code == 302


def test_filters_narrow_the_list(clerk: Actor, school: Organization) -> None:
    start(clerk, school, "未完批次")
    print_one(clerk, CODE, school.pk)
    client = client_of(clerk)
    for query, found in (
        ({"unfinished": "true"}, True),
        ({"unfinished": "false"}, False),
        ({"kind": CODE}, True),
        ({"q": "没有"}, False),
    ):
        page = client.get(reverse("papers:batches"), query).content.decode()
        assert ("未完批次" in page) is found, query


def test_the_list_costs_the_same_with_one_row_and_with_three(clerk: Actor, school: Organization) -> None:
    client = client_of(clerk)

    def queries() -> int:
        client.get(reverse("papers:batches"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("papers:batches"))
        return len(captured)

    start(clerk, school)
    one = queries()
    start(clerk, school)
    start(clerk, school)
    assert (one, queries()) == (6, 6)


def test_how_far_a_run_is(clerk: Actor, school: Organization) -> None:
    batch = start(clerk, school)
    assert state_of(batch)[0] == JobState.WAITING
    assert state_of(print_one(clerk, CODE, school.pk)) == ("done", "完成")
    assert state_of(PaperBatch(kind=CODE, title="x", total=1)) == ("failed", "未完成")
    assert (label_of(CODE), label_of("gone.kind")) == ("演示推荐表", "gone.kind")


def test_the_api_starts_lists_stops_and_hands_out(clerk: Actor, school: Organization) -> None:
    client = client_of(clerk)
    made = client.post(
        API, {"kind": CODE, "subjects": [school.pk], "title": "接口批次"}, content_type="application/json"
    )
    assert (made.status_code, made.json()["state"], made.json()["total"]) == (201, "waiting", 1)
    key = made.json()["id"]
    unfinished = client.get(f"{API}{key}/file/")
    assert (unfinished.status_code, "完成后即可下载" in unfinished.json()["message"]) == (409, True)
    assert client.post(f"{API}{key}/cancel/").status_code == 200
    assert Job.objects.get().state == JobState.CANCELLED
    done = print_one(clerk, CODE, school.pk)
    listed = {row["id"]: row["state"] for row in client.get(API).json()["results"]}
    assert listed == {key: "cancelled", done.pk: "done"}
    answer: Any = client.get(f"{API}{done.pk}/file/")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert client.post(f"{API}{done.pk}/cancel/").status_code == 200, "nothing to stop"


def test_the_api_refuses_as_the_pages_do(clerk: Actor, school: Organization) -> None:
    client = client_of(clerk)
    for changes, status in (
        ({"kind": "no.kind"}, 422),
        ({"subjects": []}, 400),
        ({"copies": 9}, 400),
        ({"subjects": [BureauFactory().pk]}, 403),
    ):
        given = {"kind": CODE, "subjects": [school.pk], **changes}
        assert client.post(API, given, content_type="application/json").status_code == status, changes
    batch = start(clerk, school)
    stranger = client_of(make_actor(Role.BUREAU_CLERK))
    assert stranger.get(f"{API}{batch.pk}/").status_code == 404
    assert stranger.get(f"{API}{batch.pk}/file/").status_code == 404
    assert stranger.post(f"{API}{batch.pk}/cancel/").status_code == 404
