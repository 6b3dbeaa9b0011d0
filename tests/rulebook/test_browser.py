"""The rulebook's and the audit's pages in a browser: axe finds nothing, nothing scrolls sideways, at both widths."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.reviews.models import ReviewChain
from portal.rulebook.models import Rulebook
from portal.rulebook.services.amending import Why
from portal.rulebook.services.phases import edit_phase
from tests.browser import DESKTOP, PHONE, Browser, axe, look, too_wide
from tests.factories import make_actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def published(rulebook: Rulebook, manager: Actor) -> Rulebook:
    Rulebook.objects.update(published_at=timezone.now())
    phase = Rulebook.objects.get().phases.get()
    edit_phase(manager, phase, version=1, values={"actors": "区县教育部门"}, why=Why("明确办理单位"))
    return Rulebook.objects.get()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
def test_the_pages_are_clean_and_fit(
    browser: Browser,
    live_server: Any,
    published: Rulebook,
    manager: Actor,
    size: tuple[int, int],
) -> None:
    chain = ReviewChain.objects.create(rulebook=published, subject_kind="test.thing", name="试验审核")
    chain.steps.create(position=1, name="区县审批", role=Role.BUREAU_APPROVER, where="bureau")
    base = f"/rulebooks/{published.pk}"
    paths = {
        "index": "/rulebooks/",
        "preview": "/rulebooks/notices/TEST20/",
        "detail": f"{base}/",
        "calendar": f"{base}/calendar/",
        "phase": f"/rulebooks/phases/{published.phases.get().pk}/",
        "rule": f"/rulebooks/rules/{published.rules.get().pk}/",
        "chain": f"/rulebooks/chains/{chain.pk}/",
    }
    visit(browser, live_server, manager, paths, size)
    auditor = make_actor(Role.AUDIT_ADMIN)
    entry = f"/audit/{AuditEntry.objects.latest('pk').pk}/"
    visit(
        browser,
        live_server,
        auditor,
        {"audit": "/audit/", "entry": entry, "permissions": "/audit/permissions/"},
        size,
    )


def visit(
    browser: Browser,
    live_server: Any,
    actor: Actor,
    paths: dict[str, str],
    size: tuple[int, int],
) -> None:
    assert actor.user is not None
    with browser.page(live_server.url, size) as page:
        browser.signed_in(page, actor.user)
        for name, path in paths.items():
            page.goto(path)
            look(page, f"rulebook-{name}-{size[0]}")
            assert axe(page) == [], name
            assert too_wide(page) <= 0, name
