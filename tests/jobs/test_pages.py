"""我的任务 in the browser and over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.roles import Role
from portal.jobs import running, services
from portal.jobs.models import Job, JobState
from portal.operations.actor import Actor
from tests.factories import make_actor
from tests.jobs import kinds  # noqa: F401 - importing declares them

pytestmark = pytest.mark.django_db


@pytest.fixture
def me() -> Actor:
    return make_actor(Role.BUREAU_CLERK)


@pytest.fixture
def browser(client: Client, me: Actor) -> Client:
    client.force_login(me.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def job(me: Actor) -> Job:
    return services.start_job(me, "tests.lines", title="导入推荐汇总表", units=4)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_list_shows_ones_own_jobs_and_their_progress(browser: Client, job: Job) -> None:
    services.start_job(make_actor(Role.BUREAU_CLERK), "tests.lines", title="别人的任务")
    page = text(browser.get(reverse("jobs:list")))
    assert "导入推荐汇总表" in page
    assert "别人的任务" not in page
    assert f'hx-get="{reverse("jobs:progress", args=[job.pk])}"' in page


def test_the_bar_polls_while_the_job_runs_and_then_links_its_result(browser: Client, job: Job) -> None:
    address = reverse("jobs:progress", args=[job.pk])
    running._claim(job.pk)
    Job.objects.update(done=1, total=4, started_at=timezone.now() - timedelta(seconds=10))
    moving = browser.get(address)
    assert 'hx-trigger="every 2s"' in text(moving)
    assert ('value="25"' in text(moving), "1 / 4 · 约剩30秒" in text(moving)) == (True, True)
    assert "HX-Trigger" not in moving
    Job.objects.update(state=JobState.DONE, result_url="/result/")
    over = browser.get(address)
    assert ("hx-trigger" in text(over), 'href="/result/"' in text(over)) == (False, True)
    assert "jobFinished" in over["HX-Trigger"]


def test_a_failure_is_shown_and_can_be_repeated(browser: Client, job: Job) -> None:
    Job.objects.update(state=JobState.FAILED, error="第3行的身份证号有误")
    address = reverse("jobs:detail", args=[job.pk])
    page = text(browser.get(address))
    assert "第3行的身份证号有误" in page
    assert reverse("jobs:retry", args=[job.pk]) in page
    browser.post(reverse("jobs:retry", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == "waiting"


def test_a_waiting_job_is_cancelled_once(browser: Client, job: Job) -> None:
    assert reverse("jobs:cancel", args=[job.pk]) in text(browser.get(reverse("jobs:detail", args=[job.pk])))
    browser.post(reverse("jobs:cancel", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == "cancelled"
    again = browser.post(reverse("jobs:cancel", args=[job.pk]), follow=True)
    assert "不能取消" in text(again)


def test_a_job_that_cannot_be_stopped_shows_no_button(browser: Client, me: Actor) -> None:
    firm = services.start_job(me, "tests.firm")
    running._claim(firm.pk)
    assert reverse("jobs:cancel", args=[firm.pk]) not in text(
        browser.get(reverse("jobs:detail", args=[firm.pk]))
    )


@pytest.mark.parametrize("name", ["detail", "progress"])
def test_a_strangers_job_is_not_there(browser: Client, name: str) -> None:
    theirs = services.start_job(make_actor(Role.BUREAU_CLERK), "tests.lines")
    assert browser.get(reverse(f"jobs:{name}", args=[theirs.pk])).status_code == 404


@pytest.mark.parametrize("name", ["cancel", "retry"])
def test_changes_are_posted(browser: Client, job: Job, name: str) -> None:
    assert browser.get(reverse(f"jobs:{name}", args=[job.pk])).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(
    browser: Client, me: Actor, count: int, django_assert_max_num_queries: Any
) -> None:
    for _each in range(count):
        services.start_job(me, "tests.lines")
    browser.get(reverse("jobs:list"))
    with django_assert_max_num_queries(10):
        browser.get(reverse("jobs:list"))


def test_the_api_shows_stops_and_repeats_ones_own(browser: Client, job: Job) -> None:
    services.start_job(make_actor(Role.BUREAU_CLERK), "tests.lines")
    (row,) = browser.get("/api/v1/jobs/").json()["results"]
    assert (row["id"], row["state"], row["percent"], row["seconds_left"]) == (job.pk, "waiting", 0, None)
    assert browser.post(f"/api/v1/jobs/{job.pk}/cancel/").json()["state"] == "cancelled"
    refused = browser.post(f"/api/v1/jobs/{job.pk}/cancel/")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert browser.post(f"/api/v1/jobs/{job.pk}/retry/").json()["state"] == "waiting"
