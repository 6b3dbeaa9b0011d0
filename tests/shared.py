"""Worlds that the tests of a module share: made once in a transaction around all of them, and rolled back with it.

    @pytest.fixture(scope="module")
    def shared_scene(shared_database: None) -> Scene:
        return make_scene()

    @pytest.fixture
    def scene(db: None, request: pytest.FixtureRequest) -> Scene:
        return own_copy(request, "scene") or make_scene()

A module in which some tests make a world of another kind shares none: two worlds would stand in one database.

Each test runs in a savepoint of its own, on a copy of the objects. Tests with real transactions come last in their
module (pytest-django orders them so) and begin with an empty database: they make their own world.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

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


def own_copy(request: pytest.FixtureRequest, name: str) -> Any:
    """A copy of what the module shares as `shared_<name>`; None where a test of the module does not begin with it."""
    items = [item for item in request.session.items if item.path == request.path]
    others = [each for each in items if _reads(each) and name not in getattr(each, "fixturenames", ())]
    return None if others else deepcopy(request.getfixturevalue(f"shared_{name}"))


def _reads(item: pytest.Item) -> bool:
    """Whether the test uses the database, in the transaction of its module."""
    asks = item.get_closest_marker("django_db") or "db" in getattr(item, "fixturenames", ())
    return bool(asks) and not is_transactional(item)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give a test with real transactions the database without what others share."""
    if _around.atomic and is_transactional(item):
        _around.close()


@pytest.fixture(scope="module")
def shared_database(django_db_setup: None, django_db_blocker: pytest.FixtureDef) -> Iterator[None]:
    """The database, in a transaction around the module's tests."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        _around.open()
        yield
        _around.close()
