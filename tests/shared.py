"""Worlds that the tests of a module share: made once in a transaction around all of them, and rolled back with it.

    @pytest.fixture(scope="module")
    def shared_scene(shared_database: None, request: pytest.FixtureRequest) -> Scene | None:
        return make_scene() if shares(request) else None

    @pytest.fixture
    def scene(db: None, shared_scene: Scene | None) -> Scene:
        return deepcopy(shared_scene) or make_scene()

A module in which some tests make a world of another kind is marked `own_worlds` and shares none: two worlds would
stand in one database.

Each test runs in a savepoint of its own, on a copy of the objects. Tests with real transactions come last in their
module (pytest-django orders them so) and begin with an empty database: they make their own world.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction

TRANSACTIONAL = {
    "transactional_db",
    "django_db_reset_sequences",
    "live_server",
    "process_environment",
    "worker",
}


class Around:
    """The transaction around a module's tests, if one is open."""

    def __init__(self) -> None:
        self.atomic: transaction.Atomic | None = None

    def open(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def close(self) -> None:
        """Roll back what the module shared; nothing happens when it was rolled back before."""
        if self.atomic:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)
            self.atomic = None


_around = Around()


def is_transactional(item: pytest.Item) -> bool:
    """Whether the test commits for real."""
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or bool(
        TRANSACTIONAL.intersection(getattr(item, "fixturenames", ()))
    )


def shares(request: pytest.FixtureRequest) -> bool:
    """Whether the module's tests begin with one world that they share."""
    return not request.node.get_closest_marker("own_worlds") and bool(_sharing(request))


def _sharing(request: pytest.FixtureRequest) -> list[pytest.Item]:
    """The module's tests that do not commit for real."""
    items = (each for each in request.session.items if each.path == request.path)
    return [each for each in items if not is_transactional(each)]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give a test with real transactions the database without what others share."""
    if _around.atomic and is_transactional(item):
        _around.close()


@pytest.fixture(scope="module")
def shared_database(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: pytest.FixtureDef
) -> Iterator[None]:
    """The database, in a transaction around the module's tests; in none where all of them commit for real."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        if _sharing(request):
            _around.open()
        yield
        _around.close()
