"""A world in which things are reviewed."""

from copy import deepcopy

import pytest

from tests.reviews.support import PhaseReviews, World, make_world


@pytest.fixture(scope="module")
def shared_world(shared_database: None) -> World:
    return make_world()


@pytest.fixture
def world(db: None, shared_world: World) -> World:
    PhaseReviews.calls.clear()
    return deepcopy(shared_world)
