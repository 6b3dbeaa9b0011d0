"""Headless Chromium for tests: signing in, looking, and asking axe.

@pytest.mark.browser
def test_desk(browser: Browser, live_server): ...
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import ConsoleMessage, Locator, Page, sync_playwright

from portal.accounts.models import User
from tests.factories import PASSWORD

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "static" / "vendor" / "axe.min.js"
EXECUTABLE = os.environ.get("PORTAL_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PICTURES = os.environ.get("PICTURES", "")
DESKTOP, PHONE = (1440, 900), (390, 844)
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Every rule runs on every element; only what fails is described. Of the preloaded files only the media serve a rule of
# these standards (no-autoplay-audio); the style sheets serve an experimental one.
AXE_OPTIONS = {"runOnly": STANDARDS, "resultTypes": ["violations"], "preload": {"assets": ["media"]}}


class Browser:
    """One Chromium. `page` opens a window of its own, with its own cookies, and collects what the console says."""

    def __init__(self, chromium: Chromium) -> None:
        self.chromium = chromium

    @contextmanager
    def page(self, base_url: str, size: tuple[int, int] = DESKTOP, *, script: bool = True) -> Iterator[Page]:
        """A page at `base_url`; afterwards nothing may have been complained about (CSP, missing files, errors)."""
        complaints: list[str] = []
        context = self.chromium.new_context(
            base_url=base_url,
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            java_script_enabled=script,
        )
        page = context.new_page()
        page.on("console", lambda message: complaints.extend(_complaint(message)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        context.close()
        assert not complaints, complaints

    def signed_in(self, page: Page, user: User, password: str = PASSWORD) -> None:
        """Sign in through the page, as people do."""
        page.goto("/account/login/")
        page.get_by_label("用户名").fill(user.username)
        page.get_by_label("密码").fill(password)
        follow(page, page.get_by_role("button", name="登录"))


def follow(page: Page, link: Locator) -> None:
    """Click what leads to another page, and be there afterwards: what is looked at next is not the page left."""
    with page.expect_navigation():
        link.click()


def _complaint(message: ConsoleMessage) -> list[str]:
    # A refusal is answered with 4xx, which Chromium reports as a failed resource; those pages are what tests look at.
    refused = "the server responded with a status of 4" in message.text
    return [message.text] if message.type in {"error", "warning"} and not refused else []


def axe(page: Page) -> list[dict[str, Any]]:
    """What axe finds on the page, in short: rule, impact, where. Evaluated beside the page's own policy."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
    found = page.evaluate(
        "options => axe.run(document, options).then(result => result.violations)", AXE_OPTIONS
    )
    return [
        {
            "rule": each["id"],
            "impact": each["impact"],
            "where": [node["target"] for node in each["nodes"]][:5],
        }
        for each in found
    ]


def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than its window: people would have to scroll sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture(scope="session")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """Debian's Chromium, headless, for the session. Playwright's loop needs Django to allow the tests' own queries.

    It ends before the database does: its connections keep the live server's threads alive. While the loop runs, Django
    keeps this thread's connections apart from those before and after: nobody else can close them.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS, env=_environment())
        yield Browser(chromium)
        chromium.close()
        connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def _environment() -> dict[str, str | float | bool]:
    """The project's own fonts draw the Chinese where the machine has none."""
    fonts = os.environ.get("PORTAL_BROWSER_FONTS")
    return {**os.environ, "FONTCONFIG_FILE": fonts} if fonts else {**os.environ}


def look(page: Page, name: str) -> None:
    """Take a picture of the whole page into the folder PICTURES, for somebody to look at; none where nobody asked."""
    if not PICTURES:
        return
    folder = Path(PICTURES)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)
