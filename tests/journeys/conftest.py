"""The demo, small, on the morning after the notice, and a browser in front of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from tests.browser import Browser
from tests.journeys.walk import Walk


@pytest.fixture
def walk(browser: Browser, live_server: Any, settings: Any) -> Walk:
    """The demo, small, on the morning after the notice."""
    settings.DEMO = True
    settings.PUBLIC_URL = live_server.url
    call_command("load_demo", size=0.05, verbosity=0)
    return Walk(browser, live_server.url)
