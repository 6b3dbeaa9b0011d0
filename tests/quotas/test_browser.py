"""What people see of quotas: axe finds nothing, nothing is cut off, and the grid counts, moves and pastes."""

import pytest
from playwright.sync_api import Page, expect

from portal.accounts.roles import Role
from quotas.models import QuotaCell, QuotaTable
from quotas.services import splitting
from tests.browser import DESKTOP, PHONE, Browser, axe, look, too_wide
from tests.programs.world import World, make_world
from tests.quotas.support import issue, plan, quota_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1440", "390"])


def walk(page: Page, paths: list[str], width: int) -> None:
    for path in paths:
        page.goto(path)
        look(page, f"quotas{path.replace('/', '-')}{width}")
        assert axe(page) == [], path
        assert not too_wide(page), path


def full(count: int = 30) -> tuple[World, QuotaTable]:
    world = make_world(count, open_codes=("P2",))
    bureaus = [world.bureau(schools=4) for _each in range(14)]
    projects = [world.project(f"P{index}") for index in range(3, count + 1)]
    table = issue(world, {(bureau, each): 1 for bureau in bureaus[:5] for each in projects})
    plan(world, {(bureaus[0], projects[0]): 2, (bureaus[6], projects[1]): 8}, "对接需求")
    return world, table


@SIZES
def test_the_office_s_pages_are_clean(browser: Browser, live_server: object, size: tuple[int, int]) -> None:
    world, table = full()
    quota = quota_of(world.city.children.filter(kind="bureau").earliest("pk"), world.project("P3"))
    paths = [
        f"/quotas/programs/{world.program.pk}/tables/",
        f"/quotas/tables/{table.pk}/",
        f"/quotas/tables/{table.pk}/issue/",
        "/quotas/",
        f"/quotas/{quota.pk}/",
        f"/quotas/{quota.pk}/transfer/",
    ]
    assert world.manager.user
    with browser.page(live_server.url, size) as page:  # type: ignore[attr-defined]
        browser.signed_in(page, world.manager.user)
        walk(page, paths, size[0])


@SIZES
def test_a_bureau_s_and_a_base_s_pages_are_clean(
    browser: Browser, live_server: object, size: tuple[int, int]
) -> None:
    world, _table = full(4)
    bureau = world.city.children.filter(kind="bureau").earliest("pk")
    quota, open_project = quota_of(bureau, world.project("P3")), world.project("P2")
    clerk = world.actor(Role.BUREAU_CLERK, bureau)
    splitting.split(clerk, quota, seats={bureau.children.earliest("pk").pk: 1})
    people = {
        clerk: [f"/quotas/{quota.pk}/", f"/quotas/{quota.pk}/split/"],
        world.base_admin: [
            f"/quotas/projects/{open_project.pk}/notify/",
            f"/projects/{open_project.pk}/",
        ],
    }
    for actor, paths in people.items():
        assert actor.user
        with browser.page(live_server.url, size) as page:  # type: ignore[attr-defined]
            browser.signed_in(page, actor.user)
            walk(page, paths, size[0])


def test_the_grid_counts_moves_pastes_and_saves(browser: Browser, live_server: object) -> None:
    world = make_world(3)
    first, second = world.bureau(), world.bureau()
    table = plan(world, {(first, world.project("P1")): 4})
    cell = "{0} {1}".format
    assert world.manager.user
    with browser.page(live_server.url) as page:  # type: ignore[attr-defined]
        browser.signed_in(page, world.manager.user)
        page.goto(f"/quotas/tables/{table.pk}/")
        start = page.get_by_label(cell(first.label, "P1"), exact=True)
        box = start.bounding_box()
        assert box is not None
        assert box["width"] > 30, "the body of the grid is painted"
        start.fill("9")
        page.keyboard.press("ArrowDown")
        below = page.get_by_label(cell(second.label, "P1"), exact=True)
        expect(below).to_be_focused()
        page.evaluate(PASTE, "3\t5\n")
        expect(page.get_by_label(cell(second.label, "P2"), exact=True)).to_have_value("5")
        expect(page.locator("tbody tr").nth(1).locator(".grid-sum")).to_have_text("8")
        column = page.locator("tfoot tr").first.locator("td").first
        expect(column).to_have_text("12")
        assert "grid-over" in str(column.get_attribute("class")), "more than the project's ten seats"
        expect(page.get_by_text("有改动尚未保存")).to_be_visible()
        look(page, "quotas-grid-typed")
        page.get_by_role("button", name="撤销未保存的改动").click()
        expect(start).to_have_value("4")
        expect(page.get_by_text("有改动尚未保存")).not_to_be_visible()
        start.fill("x")
        page.get_by_role("button", name="保存", exact=True).click()
        expect(page.locator("[aria-invalid]")).to_have_value("x")
        page.get_by_label(cell(first.label, "P1"), exact=True).fill("6")
        page.get_by_role("button", name="保存", exact=True).click()
        expect(page.get_by_text("已保存")).to_be_visible()
    assert QuotaCell.objects.get().seats == 6


PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
