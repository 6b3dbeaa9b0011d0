"""Surveys and inspections in a browser: every page clean and within its window, the questionnaire on a phone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from assessment.models import Inspection
from assessment.services.circulating import circulate
from assessment.services.inspections import VisitPlan, plan_inspections
from assessment.services.surveying import close_survey
from assessment.services.visiting import PointDraft, VisitRecord, record_visit, submit_visit
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from tests.assessment.surveyed import LAST_DAY, Surveyed, answer, make_surveyed, trainee_of
from tests.browser import DESKTOP, PHONE, Browser, axe, follow, look, too_wide
from tests.enrollment.support import make_scene
from tests.factories import make_actor
from tests.programs.world import moment, set_clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def course(transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> Surveyed:
    settings.MEDIA_ROOT = tmp_path / "files"
    set_clock(monkeypatch, moment(10, 24))
    made = make_surveyed(make_scene(seats=6))
    set_clock(monkeypatch, LAST_DAY)
    return made


def planned(course: Surveyed, expert: Actor, code: str) -> Inspection:
    world = course.scene.world
    assert expert.user
    plan = VisitPlan(LAST_DAY.date(), "on_site", [expert.user])
    (made,) = plan_inspections(world.manager, world.program, projects=[world.project(code)], plan=plan)
    return Inspection.objects.select_related("project__program__rulebook", "base").get(pk=made.pk)


def visited(course: Surveyed, expert: Actor) -> Inspection:
    made = planned(course, expert, "P1")
    marks = {each.pk: (Decimal(each.points) - 1, "") for each in made.rulebook.inspection_items.all()}
    points = [PointDraft("个别半天签到不全"), PointDraft("课堂组织有序", demands=False)]
    record = VisitRecord(LAST_DAY.date(), "组织有序", "完善档案", marks, points)
    record_visit(expert, made, version=1, record=record)
    return submit_visit(expert, Inspection.objects.select_related(*PATHS).get(pk=made.pk))


PATHS = ("project__program__rulebook", "project__program__office__parent", "base")


def clean(page: Page, name: str) -> None:
    look(page, name)
    assert axe(page) == [], name
    assert too_wide(page) <= 0, name


def walk(browser: Browser, page: Page, actor: Actor, pages: dict[str, str], mark: int) -> None:
    assert actor.user
    page.context.clear_cookies()
    browser.signed_in(page, actor.user)
    for name, url in pages.items():
        page.goto(url)
        clean(page, f"survey-{name}-{mark}")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
def test_the_pages_are_clean_and_fit(
    browser: Browser, live_server: Any, course: Surveyed, size: tuple[int, int]
) -> None:
    world, survey = course.scene.world, course.survey()
    for place, each in enumerate(course.people):
        answer(survey, each, place % 3, words="内容充实，收获很大。")
    close_survey(world.base_admin, course.again())
    expert = make_actor(Role.EXPERT, world.city)
    done, waiting = visited(course, expert), planned(course, expert, "P2")
    sent = circulate(
        world.manager,
        world.program,
        title="视导情况通报",
        text="总体良好。",
        inspections=[done],
        organizations=[world.base],
    )
    office = {
        "list": reverse("assessment:surveys"),
        "survey": reverse("assessment:survey", args=[survey.pk]),
        "comparison": reverse("assessment:survey_comparison"),
        "coverage": reverse("assessment:coverage", args=[world.program.pk]),
        "plan": reverse("assessment:plan_inspections", args=[world.program.pk]),
        "inspections": reverse("assessment:inspections"),
        "inspection": reverse("assessment:inspection", args=[done.pk]),
        "circular-new": reverse("assessment:circular_create", args=[world.program.pk]),
        "circular": reverse("assessment:circular", args=[sent.pk]),
        "circulars": reverse("assessment:circulars"),
    }
    with browser.page(live_server.url, size) as page:
        walk(browser, page, world.manager, office, size[0])
        walk(browser, page, world.base_admin, {"base": office["inspection"]}, size[0])
        walk(browser, page, expert, {"visit": reverse("assessment:visit", args=[waiting.pk])}, size[0])


def test_a_trainee_answers_on_the_phone(browser: Browser, live_server: Any, course: Surveyed) -> None:
    course.survey()
    trainee = trainee_of(course.people[0])
    with browser.page(live_server.url, PHONE) as page:
        assert trainee.user
        browser.signed_in(page, trainee.user)
        page.goto(reverse("assessment:my_surveys"))
        clean(page, "survey-mine")
        follow(page, page.get_by_role("link", name="开始填写（匿名）"))
        clean(page, "survey-answer")
        form = page.locator("form.survey-form")
        for group in form.get_by_role("group").all():
            group.get_by_role("radio").first.check()
        for box in form.get_by_role("textbox").all():
            box.fill("很好")
        form.get_by_role("button", name="提交答卷").click()
        page.get_by_role("dialog").get_by_role("button", name="提交答卷").click()
        expect(page.get_by_text("已提交，谢谢！")).to_be_visible()
        clean(page, "survey-done")
    assert course.again().answered == 1
