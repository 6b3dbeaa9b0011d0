"""The day after the notice, unless a test sets another."""

import pytest

from tests.programs.world import DAY_AFTER_THE_NOTICE, World, clock_at, make_world, set_clock
from tests.shared import own_copy


@pytest.fixture(autouse=True)
def _day_after_the_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, DAY_AFTER_THE_NOTICE)


@pytest.fixture(scope="module")
def shared_world(shared_database: None) -> World:
    with clock_at(DAY_AFTER_THE_NOTICE):
        return make_world()


@pytest.fixture
def world(db: None, request: pytest.FixtureRequest) -> World:
    return own_copy(request, "world") or make_world()
