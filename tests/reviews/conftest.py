"""A world in which things are reviewed."""

import pytest

from tests.reviews.support import PhaseReviews, World, make_world


@pytest.fixture
def world(db: None) -> World:
    PhaseReviews.calls.clear()
    return make_world()
