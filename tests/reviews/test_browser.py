"""The pages of reviews, messages and jobs as people see them: axe finds nothing, they fit a phone, a bar moves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from portal import clock
from portal.jobs.models import Job, JobState
from portal.jobs.services import start_job
from portal.messages.outbox import Letter, post
from portal.operations.actor import Actor
from portal.reviews.models import Review
from portal.reviews.services import delegate
from tests.browser import DESKTOP, PHONE, Browser, axe, follow, look, too_wide
from tests.jobs import kinds  # noqa: F401 - importing declares the kinds of work
from tests.reviews.support import World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1440", "390"])


@pytest.fixture
def world() -> World:
    return make_world()


def clean(page: Page, name: str) -> None:
    assert axe(page) == []
    assert too_wide(page) <= 0
    look(page, name)


def running_job(me: Actor) -> Job:
    job = start_job(me, "tests.lines", title="导入推荐汇总表（附件4）")
    began = timezone.now() - timedelta(minutes=1)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, done=1200, total=3000, started_at=began)
    return job


@SIZES
def test_a_reviewer_works_through_the_queue(
    browser: Browser, live_server: Any, world: World, size: tuple[int, int]
) -> None:
    reviews = world.open(*world.subjects(12), due_at=clock.now() + timedelta(hours=30))
    with browser.page(live_server.url, size) as page:
        browser.signed_in(page, world.approver.user)
        page.goto("/reviews/")
        clean(page, f"reviews-{size[0]}")
        page.goto(f"/reviews/{reviews[0].pk}/")
        clean(page, f"review-{size[0]}")
        page.get_by_label("退回修改").check()
        page.get_by_role("button", name="提交审核意见").click()
        expect(page.get_by_text("写明理由")).to_be_visible()
        page.get_by_label("审核意见").fill("请补交盖章扫描件。")
        page.get_by_role("button", name="提交审核意见").click()
        expect(page.get_by_text("审核意见已提交")).to_be_visible()
        expect(page.get_by_text("请补交盖章扫描件。")).to_be_visible()
        clean(page, f"review-done-{size[0]}")
        page.goto(f"/reviews/{reviews[1].pk}/delegate/")
        clean(page, f"delegate-{size[0]}")
    assert Review.objects.get(pk=reviews[0].pk).state == "returned"


@SIZES
def test_messages_and_jobs_are_clean(
    browser: Browser, live_server: Any, world: World, size: tuple[int, int]
) -> None:
    (review,) = world.open(*world.subjects())
    delegate(world.approver, review, to=world.reviewer.user, reason="请项目办把关")
    post(
        [
            Letter([world.reviewer.user.pk], f"还有{n}天截止", "请于10月31日24时前提交。", key=f"n{n}")
            for n in (3, 1)
        ]
    )
    post([Letter([world.reviewer.user.pk], "停机通知", "今晚维护。")])
    job = running_job(world.reviewer)
    with browser.page(live_server.url, size) as page:
        browser.signed_in(page, world.reviewer.user)
        page.goto("/messages/")
        clean(page, f"messages-{size[0]}")
        follow(page, page.get_by_role("link", name="停机通知").first)
        clean(page, f"message-{size[0]}")
        page.goto("/jobs/")
        clean(page, f"jobs-{size[0]}")
        page.goto(f"/jobs/{job.pk}/")
        clean(page, f"job-{size[0]}")


def test_a_bar_moves_by_itself_until_the_result_is_there(
    browser: Browser, live_server: Any, world: World
) -> None:
    job = running_job(world.reviewer)
    with browser.page(live_server.url) as page:
        browser.signed_in(page, world.reviewer.user)
        page.goto(f"/jobs/{job.pk}/")
        expect(page.get_by_text("1,200 / 3,000")).to_be_visible()
        Job.objects.filter(pk=job.pk).update(done=2400)
        expect(page.get_by_text("2,400 / 3,000")).to_be_visible()
        Job.objects.filter(pk=job.pk).update(state=JobState.DONE, done=3000, result_url="/reviews/")
        expect(page.get_by_role("link", name="查看结果")).to_be_visible()
