"""The reviewers' queue in a browser: the keyboard goes through it, a refusal asks for its reason, axe finds nothing."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from enrollment.models import NominationState
from tests.browser import DESKTOP, PHONE, Browser, axe, look, too_wide
from tests.enrollment.support import Scene, again, make_scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def clean(page: Page, name: str) -> None:
    assert axe(page) == []
    assert too_wide(page) <= 0
    look(page, name)


def opened(scene: Scene, browser: Browser, page: Page) -> None:
    assert scene.reviewer.user
    browser.signed_in(page, scene.reviewer.user)
    page.goto("/eligibility/")


def test_the_keyboard_goes_through_the_queue(browser: Browser, live_server: Any) -> None:
    scene = make_scene()
    first, second, third = scene.submitted(*(scene.teacher() for _each in range(3)))
    with browser.page(live_server.url, DESKTOP) as page:
        opened(scene, browser, page)
        clean(page, "eligibility-1440")
        here = page.locator(".queue-here")
        page.keyboard.press("j")
        expect(here).to_contain_text(second.teacher.name)
        page.keyboard.press("k")
        expect(here).to_contain_text(first.teacher.name)
        page.keyboard.press("a")
        expect(here).to_contain_text(second.teacher.name)
        page.keyboard.press("r")
        expect(page.get_by_label("审核意见")).to_be_focused()
        page.get_by_label("审核意见").fill("请核对任教专业")
        page.get_by_role("button", name="退回修改").click()
        expect(here).to_contain_text(third.teacher.name)
    assert again(first).state == NominationState.APPROVED
    assert (again(second).state, again(second).opinion) == (NominationState.RETURNED, "请核对任教专业")
    assert again(third).state == NominationState.SUBMITTED


def test_a_phone_decides_too(browser: Browser, live_server: Any) -> None:
    scene = make_scene()
    (made,) = scene.submitted(scene.teacher())
    with browser.page(live_server.url, PHONE) as page:
        opened(scene, browser, page)
        clean(page, "eligibility-390")
        page.get_by_role("button", name="通过", exact=True).click()
        expect(page.get_by_text("没有等您审核的推荐人选")).to_be_visible()
    assert again(made).state == NominationState.APPROVED
