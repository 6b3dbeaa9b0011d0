"""The day after the notice, unless a test sets another."""

from copy import deepcopy

import pytest

from tests.programs.world import DAY_AFTER_THE_NOTICE, World, clock_at, make_world, set_clock
from tests.shared import shares


@pytest.fixture(autouse=True)
def _day_after_the_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, DAY_AFTER_THE_NOTICE)


@pytest.fixture(scope="module")
def shared_world(shared_database: None, request: pytest.FixtureRequest) -> World | None:
    with clock_at(DAY_AFTER_THE_NOTICE):
        return make_world() if shares(request) else None


@pytest.fixture
def world(db: None, shared_world: World | None) -> World:
    return deepcopy(shared_world) or make_world()
