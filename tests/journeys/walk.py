"""What browser journeys share: the small demo, who is signed in, and looking at each page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page

from portal import clock
from portal.accounts.demo import demo_accounts
from portal.accounts.models import Membership, User
from portal.accounts.roles import Role
from portal.organizations.models import Organization
from tests.browser import Browser, axe, follow, look, too_wide


class Walk:
    """The browser, and who is signed in."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.passwords = {each.user: each.password for each in demo_accounts()}

    @contextmanager
    def as_(self, role: Role, size: tuple[int, int] = (1440, 900)) -> Iterator[Page]:
        """A window in which the demo's person in `role` is signed in."""
        with self.browser.page(self.address, size) as page:
            self.browser.signed_in(page, User.objects.get(username=role), self.passwords[role.value])
            yield page


def seen(page: Page, name: str) -> None:
    """Nobody has to scroll sideways, axe finds nothing, and there is a picture to look at."""
    look(page, f"journey-{name}")
    assert page.get_by_text("没有找到此页").count() == 0, name
    assert too_wide(page) <= 0, name
    found = axe(page)
    assert not found, (name, found)


def agree(page: Page) -> None:
    """Confirm what is asked about once."""
    page.locator("dialog.ask .btn-danger").click()


def place_of(role: Role) -> Organization:
    return Membership.objects.get(user__username=role).organization


def fill(page: Page, **known: str) -> None:
    """Fill the page's form as a person would: the fields named, and every required one that is still empty."""
    for name, value in known.items():
        field = page.locator(f"main form [name='{name}']").first
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    for field in page.locator(
        "main form :is(textarea, input:not([type=hidden], [type=file]), select):required:visible"
    ).all():
        if not field.input_value():
            _fill_one(field)


def _fill_one(field: Locator) -> None:
    tag = field.evaluate("each => each.tagName")
    kind = field.get_attribute("type") or "text"
    if tag == "SELECT":
        field.select_option(index=1)
    elif kind in ("number", "date"):
        field.fill("10" if kind == "number" else f"{clock.today()}")
    elif kind == "radio":
        field.check()
    else:
        field.fill("演示填写内容")


def press(page: Page, name: str, *, asked: bool = False) -> None:
    """Press the button `name`, agree when it asks, and wait for the next page."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()
        if asked:
            agree(page)


def send(page: Page) -> None:
    """Send the page's form by its main button, and wait for the answer."""
    follow(page, page.locator("main form .btn-primary").first)
