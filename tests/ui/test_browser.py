"""What people see: axe finds nothing, the policy is kept, and the scripts help."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.ui import registry
from portal.ui.registry import CalendarPhase, Group, NavEntry, Number, SearchHit, WorkItem
from tests.browser import DESKTOP, PHONE, Browser, axe, follow, look, too_wide
from tests.factories import BureauFactory, MembershipFactory, SchoolFactory
from tests.ui.pages import CITATION

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1440", "390"])


@pytest.fixture
def furnished() -> None:
    """A desk with something on it, and a navigation."""
    now = clock.now()
    registry.nav(
        NavEntry(Group.DESK, "待办", "home", "layout-dashboard", order=0),
        NavEntry(Group.PEOPLE, "机构台账", "test:organizations", "building-community"),
    )
    registry.work_items(
        lambda actor, when: [
            WorkItem("上传推荐汇总表（附件4）", "/form/", now + timedelta(days=2), 1, CITATION, "填报"),
            WorkItem("审批学校推荐", "/organizations/", now - timedelta(days=1), 12),
            WorkItem("核对本区县学校名单", "/organizations/"),
        ]
    )
    registry.numbers(
        lambda actor, when: [
            Number("已获名额", 1234, "/organizations/"),
            Number("已推荐", 980, "/organizations/", "占79%"),
        ]
    )
    registry.calendar(
        lambda request: [
            CalendarPhase("报送培训方案", now - timedelta(days=30), now - timedelta(days=3)),
            CalendarPhase("推荐学员", now - timedelta(days=1), now + timedelta(days=7), "/form/"),
            CalendarPhase("组织培训", now + timedelta(days=20), now + timedelta(days=200)),
        ]
    )
    registry.search(lambda actor, text: [SearchHit("机构", text, "/organizations/", "区县")])


def open_as(browser: Browser, page: Page, role: Role = Role.BUREAU_CLERK) -> Membership:
    membership = MembershipFactory(role=role)
    browser.signed_in(page, membership.user)
    return membership


@SIZES
def test_sign_in_and_the_desk_are_clean(
    browser: Browser, live_server, furnished: None, size: tuple[int, int]
) -> None:
    with browser.page(live_server.url, size) as page:
        page.goto("/account/login/")
        assert axe(page) == []
        look(page, f"sign-in-{size[0]}")
        open_as(browser, page)
        expect(page.get_by_role("heading", level=1)).to_have_text("工作台")
        assert axe(page) == []
        assert too_wide(page) <= 0
        look(page, f"desk-{size[0]}")


@SIZES
def test_a_list_is_clean(browser: Browser, live_server, furnished: None, size: tuple[int, int]) -> None:
    bureau = BureauFactory()
    SchoolFactory.create_batch(60, parent=bureau)
    with browser.page(live_server.url, size) as page:
        open_as(browser, page, Role.PROGRAM_MANAGER)
        page.goto("/organizations/")
        assert axe(page) == []
        assert too_wide(page) <= 0
        look(page, f"list-{size[0]}")


@SIZES
@pytest.mark.parametrize(
    "address", ["/form/", "/record/{pk}/", "/refuse/", "/ui/search/?q=某校", "/nowhere/"]
)
def test_other_pages_are_clean(
    browser: Browser, live_server, furnished: None, size: tuple[int, int], address: str
) -> None:
    with browser.page(live_server.url, size) as page:
        membership = open_as(browser, page)
        page.goto(address.format(pk=membership.organization_id))
        assert axe(page) == []
        assert too_wide(page) <= 0
        look(page, f"{address.strip('/').split('/')[0]}-{size[0]}")


def test_a_trainee_has_a_bar_under_the_thumb(browser: Browser, live_server, furnished: None) -> None:
    with browser.page(live_server.url, PHONE) as page:
        open_as(browser, page, Role.TRAINEE)
        assert page.locator(".bottom-bar a").count() == 2
        assert page.locator(".bottom-bar a").first.bounding_box()["height"] >= 44
        assert axe(page) == []
        look(page, "trainee-390")


def test_large_type_is_remembered(browser: Browser, live_server, furnished: None) -> None:
    with browser.page(live_server.url) as page:
        membership = open_as(browser, page)
        page.get_by_role("button", name="长者版").click()
        size = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        assert size >= 18
        assert axe(page) == []
        look(page, "large-type-1440")
        page.goto("/organizations/")
        assert page.evaluate("document.documentElement.className") == "large-type"
        membership.user.refresh_from_db()
        assert membership.user.large_type


def test_a_list_works_by_htmx_and_by_keyboard(browser: Browser, live_server) -> None:
    SchoolFactory.create_batch(3, parent=BureauFactory())
    with browser.page(live_server.url) as page:
        open_as(browser, page, Role.PROGRAM_MANAGER)
        page.goto("/organizations/")
        page.evaluate("window.untouched = true")
        page.get_by_role("search", name="筛选机构台账").get_by_label("类别").select_option("school")
        expect(page.get_by_role("status")).to_have_text("共3条")
        assert "kind=school" in page.url
        assert page.evaluate("window.untouched")
        page.get_by_label("勾选本页全部").press("Space")
        expect(page.locator("[data-bulk-count]")).to_have_text("已勾选 3 条")
        page.get_by_role("button", name="标记", exact=True).click()
        expect(page.locator(".note-success")).to_have_text("已标记3条")
        page.go_back()
        expect(page.locator("h1")).to_have_text("机构台账")


def test_a_row_opens_its_record(browser: Browser, live_server) -> None:
    school = SchoolFactory(name="演示一校")
    with browser.page(live_server.url) as page:
        open_as(browser, page, Role.PROGRAM_MANAGER)
        page.goto("/organizations/?q=演示一校")
        page.locator("tbody tr").first.locator("td").nth(4).click()
        expect(page.locator("h1")).to_have_text("演示一校")
        assert page.url.endswith(f"/record/{school.pk}/")


def test_a_dangerous_act_asks_once(browser: Browser, live_server) -> None:
    with browser.page(live_server.url) as page:
        membership = open_as(browser, page, Role.PROVINCIAL_OFFICER)
        page.goto(f"/record/{membership.organization_id}/")
        page.get_by_role("button", name="关闭机构").click()
        expect(page.get_by_role("dialog")).to_contain_text("关闭后不能恢复")
        assert axe(page) == []
        page.get_by_role("button", name="返回，不处理").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert "/record/" in page.url


def test_a_chart_is_drawn_from_its_table(browser: Browser, live_server) -> None:
    with browser.page(live_server.url) as page:
        membership = open_as(browser, page)
        page.goto(f"/record/{membership.organization_id}/")
        expect(page.locator(".chart-canvas canvas")).to_be_visible()
        look(page, "chart-1440")


def test_what_was_typed_survives_the_end_of_the_session(browser: Browser, live_server) -> None:
    with browser.page(live_server.url) as page:
        membership = open_as(browser, page)
        page.goto("/form/")
        page.get_by_label("标题").fill("写了很久的方案")
        page.get_by_label("口令").fill("secret")
        page.context.clear_cookies()
        page.get_by_label("已核对").check()
        follow(page, page.get_by_role("button", name="保存"))
        page.goto("/account/login/?next=/form/")
        page.get_by_label("用户名").fill(membership.user.username)
        page.get_by_label("密码").fill("Correct-Horse-7")
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_label("标题")).to_have_value("写了很久的方案")
        expect(page.get_by_label("口令")).to_have_value("")
        page.get_by_label("标题").fill("写完的方案")
        page.get_by_label("已核对").check()
        follow(page, page.get_by_role("button", name="保存"))
        expect(page.locator("h1")).to_have_text("工作台")
        page.goto("/form/")
        expect(page.get_by_label("标题")).to_have_value("")


def test_the_desk_and_a_list_are_read_without_script(browser: Browser, live_server, furnished: None) -> None:
    SchoolFactory(name="演示二校")
    with browser.page(live_server.url, script=False) as page:
        open_as(browser, page, Role.PROGRAM_MANAGER)
        expect(page.get_by_role("link", name="机构台账")).to_be_visible()
        page.goto("/organizations/")
        page.get_by_label("查找").fill("演示二校")
        page.get_by_role("button", name="筛选").click()
        expect(page.locator("tbody tr")).to_have_count(1)


@pytest.mark.parametrize("size", [(720, 450), PHONE], ids=["1440 at 200 %", "390"])
def test_nothing_runs_out_of_the_window_in_large_type(
    browser: Browser, live_server, furnished: None, size: tuple[int, int]
) -> None:
    with browser.page(live_server.url, size) as page:
        membership = open_as(browser, page)
        page.get_by_role("button", name="长者版").click()
        for address in ("/", "/organizations/", "/form/", f"/record/{membership.organization_id}/"):
            page.goto(address)
            assert too_wide(page) <= 0, address
        look(page, f"large-record-{size[0]}")


def test_the_menu_opens_on_a_narrow_window(browser: Browser, live_server, furnished: None) -> None:
    with browser.page(live_server.url, PHONE) as page:
        open_as(browser, page)
        line = page.get_by_role("link", name="机构台账")
        expect(line).to_be_hidden()
        page.get_by_role("button", name="菜单").click()
        expect(line).to_be_visible()
        assert axe(page) == []
        look(page, "menu-390")
        line.click()
        expect(page.locator("h1")).to_have_text("机构台账")
