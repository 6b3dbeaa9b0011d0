"""The pages of accounts as people see them: wide and narrow, by eye (`look`) and by axe."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from portal.accounts.models import SignIn, User
from portal.accounts.roles import Role
from portal.accounts.services.invitations import invite
from portal.accounts.services.tokens import create_token
from tests.browser import DESKTOP, PHONE, Browser, axe, follow, look, too_wide
from tests.factories import (
    BureauFactory,
    MembershipFactory,
    OrganizationFactory,
    SchoolFactory,
    UserFactory,
    make_actor,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def quick_hashes() -> None:
    """Here the real hashes: the server's threads read the settings as they are."""


def problems(page: Page, name: str) -> list[object]:
    """What axe finds, and how far the page is too wide; takes its picture."""
    look(page, name)
    wide = too_wide(page)
    return [(name, each) for each in [*axe(page), *([wide] if wide else [])]]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_of_accounts_are_sound(
    browser: Browser,
    live_server: LiveServer,
    size: tuple[int, int],
) -> None:
    root = OrganizationFactory(name="演示市教育委员会")
    bureau = BureauFactory(parent=root, name="演示区教育委员会")
    school = SchoolFactory(parent=bureau, name="演示职业教育中心")
    clerk = make_actor(Role.BUREAU_CLERK, bureau)
    create_token(clerk, clerk.user, name="教务系统同步", days=90)
    for name in ("演示王老师", "演示李老师"):
        admin = UserFactory(name=name, phone="13900000001")
        MembershipFactory(user=admin, role=Role.SCHOOL_ADMIN, organization=school)
    issued = invite(clerk, school, role=Role.SCHOOL_ADMIN, name="演示赵老师", phone="13900000002")
    SignIn.objects.create(user=clerk.user, ip="192.0.2.9", agent="Mozilla/5.0 (X11; Linux)", succeeded=False)
    shape = "phone" if size == PHONE else "desktop"
    found: list[object] = []
    with browser.page(live_server.url, size) as page:
        browser.signed_in(page, clerk.user)
        for name, url in [
            ("me", "/accounts/me/"),
            ("users", "/accounts/users/"),
            ("user", f"/accounts/users/{admin.pk}/"),
            ("invitations", "/accounts/invitations/"),
            ("invitation", f"/accounts/invitations/{issued.invitation.pk}/"),
            ("invite", "/accounts/invitations/new/"),
            ("password", "/account/password/change/"),
            ("mfa", "/account/2fa/"),
        ]:
            page.goto(url)
            found += problems(page, f"accounts-{name}-{shape}")
    with browser.page(live_server.url, size) as page:
        page.goto(f"/accounts/invitation/{issued.token}/")
        found += problems(page, f"accounts-accept-{shape}")
    assert found == []


def test_inviting_and_joining_without_script(
    browser: Browser,
    live_server: LiveServer,
) -> None:
    school = SchoolFactory(name="演示职业教育中心")
    clerk = make_actor(Role.BUREAU_CLERK, school.parent)
    with browser.page(live_server.url, script=False) as page:
        browser.signed_in(page, clerk.user)
        page.goto("/accounts/invitations/new/")
        page.get_by_label("机构").select_option(label="演示职业教育中心")
        page.get_by_label("角色").select_option(label="学校管理员")
        page.get_by_label("姓名").fill("演示赵老师")
        follow(page, page.get_by_role("button", name="提交"))
        link = page.get_by_label("邀请链接").input_value()
        look(page, "accounts-link")
    with browser.page(live_server.url, PHONE, script=False) as page:
        page.goto(link.split("8000")[1])
        page.get_by_label("用户名").fill("演示赵")
        page.get_by_label("密码", exact=False).first.fill("Fresh-Word-123")
        page.get_by_label("再输一次密码").fill("Fresh-Word-123")
        follow(page, page.get_by_role("button", name="创建账号并加入"))
    assert User.objects.get(username="演示赵").memberships.get().organization == school


def test_switching_roles_from_the_top_bar(
    browser: Browser,
    live_server: LiveServer,
) -> None:
    first = MembershipFactory()
    MembershipFactory(
        user=first.user, role=Role.SCHOOL_ADMIN, organization=SchoolFactory(name="演示职业教育中心")
    )
    with browser.page(live_server.url) as page:
        browser.signed_in(page, first.user)
        page.locator("summary", has_text=first.user.name).click()
        follow(page, page.get_by_role("button", name="演示职业教育中心"))
        assert "学校管理员" in page.locator("summary", has_text=first.user.name).inner_text()


def test_the_api_can_be_browsed_under_the_same_policy(
    browser: Browser,
    live_server: LiveServer,
) -> None:
    clerk = make_actor(Role.BUREAU_CLERK)
    with browser.page(live_server.url) as page:
        browser.signed_in(page, clerk.user)
        page.goto("/api/v1/docs/")
        # Operations below the window are drawn when one scrolls there.
        page.locator(".opblock").first.wait_for()
        look(page, "api-docs")
        page.goto("/api/v1/users/")
        assert clerk.user.username in page.content()
        look(page, "api-users")
