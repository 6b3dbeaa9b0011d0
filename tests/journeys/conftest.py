"""The demo, small, on the morning after the notice, and a browser in front of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from portal.accounts import demo as accounts
from tests.browser import Browser
from tests.journeys.walk import Walk


@pytest.fixture
def walk(
    browser: Browser, live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Walk:
    """The demo, small, on the morning after the notice."""
    # Two processes of one run may load their demos at the same time: each remembers its own sign-ins.
    monkeypatch.setattr(accounts, "_path", lambda: tmp_path / "demo_accounts.json")
    settings.DEMO = True
    settings.PUBLIC_URL = live_server.url
    call_command("load_demo", size=0.05, verbosity=0)
    return Walk(browser, live_server.url)
