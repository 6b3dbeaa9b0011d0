"""What people see of ending a programme, cancelling a class, publishing one and of print runs: clean at both widths."""

import pytest

from portal.papers.models import PaperBatch
from tests.browser import DESKTOP, PHONE, Browser, axe, look, too_wide
from tests.programs.world import make_class, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1440", "390"])
def test_the_pages_are_clean(browser: Browser, live_server: object, size: tuple[int, int]) -> None:
    world = make_world()
    draft, published = make_class(world, capacity=12), make_class(world, published=True)
    office, base = world.manager, world.base_admin
    assert base.user
    assert office.user
    PaperBatch.objects.create(
        kind="programs.timetable",
        title="演示班课程表",
        total=1,
        printed_on="2020-10-24",
        organization=world.base,
        owner=base.user,
    )
    walks = {
        office: [f"/programs/{world.program.pk}/", f"/programs/{world.program.pk}/close/"],
        base: [f"/classes/{draft.pk}/", f"/classes/{published.pk}/cancel/", "/papers/batches/"],
    }
    for actor, paths in walks.items():
        assert actor.user
        with browser.page(live_server.url, size) as page:  # type: ignore[attr-defined]
            browser.signed_in(page, actor.user)
            for path in paths:
                page.goto(path)
                look(page, f"ending{path.replace('/', '-')}{size[0]}")
                assert axe(page) == [], path
                assert not too_wide(page), path
