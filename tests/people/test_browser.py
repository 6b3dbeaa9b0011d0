"""What people see of organisations and teachers: axe finds nothing, nothing is cut off, the tree opens in place."""

import re

import pytest
from playwright.sync_api import expect

from portal.accounts.roles import Role
from portal.people.services import transfers
from tests.browser import DESKTOP, PHONE, Browser, axe, look, too_wide
from tests.factories import BureauFactory, MembershipFactory, SchoolFactory, TeacherFactory, make_actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1440", "390"])
def test_the_pages_of_a_school_are_clean(
    browser: Browser, live_server: object, size: tuple[int, int]
) -> None:
    school = SchoolFactory(name="演示职业教育中心")
    admin = MembershipFactory(role=Role.SCHOOL_ADMIN, organization=school).user
    teacher = TeacherFactory(school=school, phone="", name="欧阳演示")
    TeacherFactory.create_batch(3, school=school)
    actor = make_actor(Role.SCHOOL_ADMIN, school)
    transfer = transfers.request_transfer(
        actor, teacher, target=SchoolFactory(name="另一职教中心"), reason="工作调动"
    )
    paths = [
        "/people/teachers/",
        f"/people/teachers/{teacher.pk}/",
        f"/people/teachers/{teacher.pk}/edit/",
        f"/people/teachers/{teacher.pk}/transfer/",
        f"/people/teachers/new/{school.pk}/",
        "/people/transfers/",
        f"/people/transfers/{transfer.pk}/",
        "/people/transfers/new/",
        f"/organizations/{school.pk}/",
        f"/organizations/{school.pk}/contact/",
    ]
    with browser.page(live_server.url, size) as page:  # type: ignore[attr-defined]
        browser.signed_in(page, admin)
        for path in paths:
            page.goto(path)
            look(page, f"people{path.replace('/', '-')}{size[0]}")
            assert axe(page) == [], path
            assert not too_wide(page), path


def test_the_tree_opens_in_place_and_what_is_missing_leads_to_its_input(
    browser: Browser, live_server: object
) -> None:
    bureau = BureauFactory(name="演示区教委")
    school = SchoolFactory(parent=bureau, name="演示职业教育中心")
    teacher = TeacherFactory(school=school, ethnicity="")
    clerk = MembershipFactory(role=Role.BUREAU_CLERK, organization=bureau).user
    with browser.page(live_server.url) as page:  # type: ignore[attr-defined]
        browser.signed_in(page, clerk)
        page.goto("/organizations/tree/")
        page.get_by_role("link", name="展开").first.click()
        page.get_by_role("link", name=re.compile("展开.*演示区教委")).click()
        expect(page.get_by_role("link", name="演示职业教育中心")).to_be_visible()
        look(page, "organizations-tree")
        assert axe(page) == []
        page.goto(f"/people/teachers/{teacher.pk}/")
        page.get_by_role("link", name="民族").click()
        expect(page).to_have_url(f"{live_server.url}/people/teachers/{teacher.pk}/edit/#id_ethnicity")  # type: ignore[attr-defined]
