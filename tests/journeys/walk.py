"""What browser journeys share: the small demo, who is signed in, and looking at each page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from portal.accounts.demo import demo_accounts
from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.organizations.models import Organization
from tests.browser import Browser, axe, look, too_wide


class Walk:
    """The browser, and who is signed in."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.passwords = {each.user: each.password for each in demo_accounts()}

    @contextmanager
    def as_(self, role: Role, size: tuple[int, int] = (1440, 900)) -> Iterator[Page]:
        """A window in which the demo's person in `role` is signed in."""
        with self.browser.page(self.address, size) as page:
            page.goto("/account/login/")
            page.get_by_label("用户名").fill(role.value)
            page.get_by_label("密码").fill(self.passwords[role.value])
            page.get_by_role("button", name="登录").click()
            page.wait_for_url("**/")
            yield page


def seen(page: Page, name: str) -> None:
    """Nobody has to scroll sideways, axe finds nothing, and there is a picture to look at."""
    look(page, f"journey-{name}")
    assert too_wide(page) <= 0, name
    assert axe(page) == [], name


def agree(page: Page) -> None:
    """Confirm what is asked about once."""
    page.locator("dialog.ask .btn-danger").click()


def place_of(role: Role) -> Organization:
    return Membership.objects.get(user__username=role).organization
