"""The day after the notice, unless a test sets another."""

from collections.abc import Iterator
from copy import deepcopy

import pytest

from programs import hooks
from tests.programs.audience import Audience
from tests.programs.world import DAY_AFTER_THE_NOTICE, World, clock_at, make_draft, make_world, set_clock
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


@pytest.fixture(scope="module")
def shared_draft(shared_database: None, request: pytest.FixtureRequest) -> World | None:
    with clock_at(DAY_AFTER_THE_NOTICE):
        return make_draft() if shares(request) else None


@pytest.fixture
def draft(db: None, shared_draft: World | None) -> World:
    return deepcopy(shared_draft) or make_draft()


@pytest.fixture
def audience(world: World) -> Iterator[Audience]:
    made = Audience(world)
    hooks.addressees(made)
    yield made
    hooks.addressees.remove(made)
