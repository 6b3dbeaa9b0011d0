"""Verifying a paper on a phone, and the page of a print run, in a real browser."""

from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from portal.accounts.roles import Role
from portal.organizations.models import Organization
from portal.papers.models import IssuedPaper
from portal.papers.services.starting import print_one, print_papers
from tests.browser import DESKTOP, PHONE, Browser, axe, look, too_wide
from tests.factories import SchoolFactory, make_actor
from tests.papers.conftest import CODE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("form_kind"),
]


@pytest.fixture
def school() -> Organization:
    return SchoolFactory(name="演示职教中心", contact_name="王小明")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_stranger_types_the_code_and_compares(
    browser: Browser, live_server: LiveServer, school: Organization, size: tuple[int, int]
) -> None:
    actor = make_actor(Role.SCHOOL_ADMIN, school)
    print_one(actor, CODE, school.pk)
    code = IssuedPaper.objects.get().code
    with browser.page(live_server.url, size) as page:
        page.goto("/verify/")
        page.get_by_label("核验码").fill(code.lower())
        page.get_by_role("button", name="核验").click()
        page.get_by_text("核验通过").wait_for()
        page.get_by_text("王**").wait_for()
        assert axe(page) == []
        assert too_wide(page) == 0
        look(page, f"verify-{size[0]}")
        page.goto(f"/verify/{'0' * 16}/")
        page.get_by_text("没有查到此核验码").wait_for()
        assert axe(page) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_clerk_watches_a_run_and_gets_the_file(
    browser: Browser, live_server: LiveServer, school: Organization, size: tuple[int, int]
) -> None:
    actor = make_actor(Role.SCHOOL_ADMIN, school)
    assert actor.user is not None
    finished = print_one(actor, CODE, school.pk)
    waiting = print_papers(actor, None, kind=CODE, subjects=[school.pk], title="演示批次")
    with browser.page(live_server.url, size) as page:
        browser.signed_in(page, actor.user)
        page.goto(waiting.get_absolute_url())
        page.get_by_role("button", name="取消打印").wait_for()
        assert axe(page) == []
        look(page, f"papers-running-{size[0]}")
        page.goto(finished.get_absolute_url())
        look(page, f"papers-finished-{size[0]}")
        assert axe(page) == []
        with page.expect_download() as download:
            page.get_by_role("link", name="下载").click()
        assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
