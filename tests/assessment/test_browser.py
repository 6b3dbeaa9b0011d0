"""The editors of a rulebook's tables in a browser, of all three apps: axe finds nothing, nothing scrolls sideways."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from portal import clock
from portal.rulebook.models import Rulebook
from tests.browser import DESKTOP, PHONE, Browser, axe, look, too_wide
from tests.rulebook_rows import load_cq20, make_manager

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EDITORS = (
    "assessment:grades",
    "assessment:inspection_items",
    "assessment:survey_questions",
    "assessment:survey_templates",
    "finance:expense_categories",
    "finance:voucher_list",
    "programs:categories",
    "programs:deliverables",
)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
def test_the_editors_are_clean_and_fit(
    browser: Browser,
    live_server: Any,
    size: tuple[int, int],
) -> None:
    manager = make_manager()
    rulebook = load_cq20(manager)
    Rulebook.objects.update(published_at=clock.now())
    assert manager.user is not None
    with browser.page(live_server.url, size) as page:
        browser.signed_in(page, manager.user)
        for name in EDITORS:
            page.goto(reverse(name, args=[rulebook.pk]))
            assert page.locator("fieldset").count() > 2
            look(page, f"{name.replace(':', '-')}-{size[0]}")
            assert axe(page) == [], name
            assert too_wide(page) <= 0, name
