"""The pages of imports in a browser: clean for axe, no wider than the window, alive without a reload."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from portal.organizations.models import Organization
from portal.sheets.models import ImportBatch
from portal.sheets.services import running
from tests.browser import DESKTOP, PHONE, Browser, axe, look, too_wide
from tests.factories import MembershipFactory
from tests.sheets.conftest import CODE, row, upload_file

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("kind", "no_worker"),
]


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_from_upload_to_receipt(browser: Browser, live_server, size: tuple[int, int]) -> None:
    Organization.objects.create(kind="college", name="已有")
    rows = [*[row(f"演示{number}", number) for number in range(12)], row("提醒", 20), row("超额", 30)]
    rows += [["乙", 500103199001011234, "138"], row("已有", 40)]
    membership = MembershipFactory(role="bureau_clerk")

    def clean(name: str) -> None:
        assert axe(page) == []
        assert too_wide(page) <= 0
        look(page, f"import-{name}-{size[0]}")

    with browser.page(live_server.url, size) as page:
        browser.signed_in(page, membership.user)
        page.goto(f"/imports/new/{CODE}/")
        clean("upload")
        file = upload_file(*rows)
        page.get_by_label("填好的表格").set_input_files(
            {"name": "名单.xlsx", "mimeType": "application/zip", "buffer": file.read()}
        )
        page.get_by_role("button", name="上传并核对").click()
        expect(page.get_by_role("progressbar")).to_be_visible()
        clean("progress")
        batch = ImportBatch.objects.get()
        running.preview_batch(batch.pk)
        expect(page.get_by_role("button", name="导入可导入的 13 行")).to_be_visible()
        clean("ready")
        page.get_by_role("link", name="有错误 2").click()
        expect(page.get_by_text("末几位已丢失")).to_be_visible()
        clean("error")
        page.get_by_role("button", name="导入可导入的 13 行").click()
        running.take_batch(batch.pk, _actor(membership))
        expect(page.get_by_text("已导入 13 行")).to_be_visible()
        clean("receipt")
        page.goto("/imports/")
        clean("list")


def _actor(membership: object) -> object:
    from portal.operations.actor import Actor

    return Actor.of(membership)  # type: ignore[arg-type]
