"""Attendance on a phone, also without a network, and the grade sheet, in a browser: axe, width, resends. CQ20-5.2."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from assessment.models import Attendance, Grade, Submission
from assessment.services import attendance
from enrollment import tokens
from enrollment.services import arrivals
from portal.operations.actor import Actor
from tests.assessment.classroom import Classroom, add_trainees
from tests.browser import DESKTOP, PHONE, Browser, axe, follow, look, too_wide

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def clean(page: Page, name: str) -> None:
    look(page, name)
    assert axe(page) == [], name
    assert too_wide(page) <= 0, name


def sign_in(browser: Browser, page: Page, actor: Actor) -> None:
    assert actor.user
    browser.signed_in(page, actor.user)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
def test_the_pages_are_clean_and_fit(
    browser: Browser, live_server: Any, classroom: Classroom, size: tuple[int, int]
) -> None:
    add_trainees(classroom, 2, arrived=False)
    key = classroom.training_class.pk
    pages = {
        "check-in": reverse("enrollment:check_in", args=[key]),
        "code": reverse("enrollment:check_in_code", args=[key]),
        "attendance": reverse("assessment:attendance", args=[key]),
        "session": reverse("assessment:session", args=[classroom.session().pk]),
        "grades": reverse("assessment:class_grades", args=[key]),
        "paste": reverse("assessment:paste_grades", args=[key]),
        "gradings": reverse("assessment:gradings"),
        "class": reverse("programs:class", args=[key]),
    }
    with browser.page(live_server.url, size) as page:
        sign_in(browser, page, classroom.teacher)
        for name, url in pages.items():
            page.goto(url)
            clean(page, f"{name}-{size[0]}")


def test_a_trainee_arrives_signs_in_and_asks_for_leave_on_the_phone(
    browser: Browser, live_server: Any, classroom: Classroom
) -> None:
    classroom.person().check_in.delete()
    with browser.page(live_server.url, PHONE) as page:
        sign_in(browser, page, classroom.trainee())
        token = tokens.sign(arrivals.PURPOSE, classroom.training_class.pk)
        page.goto(reverse("enrollment:arrive", args=[token]))
        clean(page, "arrive-390")
        page.get_by_role("button", name="确认报到").click()
        expect(page.get_by_text("报到成功")).to_be_visible()
        page.goto(
            reverse("assessment:attend", args=[tokens.sign(attendance.PURPOSE, classroom.session().pk)])
        )
        page.get_by_role("button", name="确认签到").click()
        expect(page.get_by_text("已签到：出勤")).to_be_visible()
        follow(page, page.get_by_role("link", name="申请请假"))
        clean(page, "leave-390")
        page.get_by_label("事由").fill("看病")
        page.get_by_role("button", name="提交申请").click()
        expect(page.get_by_text("待审批")).to_be_visible()
        clean(page, "mine-390")


@pytest.mark.clause("CQ20-5.2")
def test_a_list_marked_without_a_network_is_sent_once_the_network_is_back(
    browser: Browser, live_server: Any, classroom: Classroom
) -> None:
    with browser.page(live_server.url, PHONE) as page:
        sign_in(browser, page, classroom.teacher)
        page.goto(reverse("assessment:session", args=[classroom.session().pk]))
        page.get_by_role("radio", name="迟到").first.check()
        page.get_by_role("button", name="其余全部出勤").click()
        page.evaluate(
            "() => { window.kept = window.fetch; window.fetch = () => Promise.reject(new TypeError('offline')); }"
        )
        page.get_by_role("button", name="保存点名").click()
        expect(page.get_by_role("status").filter(has_text="没有网络")).to_be_visible()
        assert not Attendance.objects.exists()
        page.evaluate("() => { window.fetch = window.kept; window.dispatchEvent(new Event('online')); }")
        expect(page.get_by_role("status").filter(has_text="已提交")).to_be_visible()
    assert sorted(Attendance.objects.values_list("status", flat=True)) == ["late", *["present"] * 4]
    assert Submission.objects.count() == 1


def test_without_script_the_list_and_the_grades_are_kept_all_the_same(
    browser: Browser, live_server: Any, classroom: Classroom
) -> None:
    with browser.page(live_server.url, PHONE, script=False) as page:
        sign_in(browser, page, classroom.teacher)
        page.goto(reverse("assessment:session", args=[classroom.session().pk]))
        page.get_by_role("button", name="保存，其余记出勤").click()
        expect(page.get_by_text("已登记5人")).to_be_visible()
        page.goto(reverse("assessment:class_grades", args=[classroom.training_class.pk]))
        page.locator(".mark-cell").first.fill("95")
        page.locator("select[name^=level]").first.select_option("excellent")
        page.get_by_role("button", name="保存成绩").click()
        expect(page.get_by_text("还可评 0 人")).to_be_visible()
    assert Grade.objects.get().level_id is not None
