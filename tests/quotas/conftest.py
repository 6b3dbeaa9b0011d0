"""The day after the notice, unless a test sets another."""

import pytest

from tests.programs.world import World, make_world, moment, set_clock


@pytest.fixture(autouse=True)
def _day_after_the_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, moment(10, 24))


@pytest.fixture
def world(db: None) -> World:
    return make_world()
