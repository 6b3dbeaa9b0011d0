"""Worlds that the tests of a module share: made once in a transaction around all of them, and rolled back with it.

    @pytest.fixture(scope="module")
    def shared_scene(shared_database: None, request: pytest.FixtureRequest) -> Scene | None:
        return make_scene() if all_begin_with(request, "scene") else None

    @pytest.fixture
    def scene(db: None, shared_scene: Scene | None) -> Scene:
        return deepcopy(shared_scene) or make_scene()

A module in which some tests make a world of another kind shares none: two worlds would stand in one database.

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
# What makes a whole programme; a test that calls one of these wants the database for itself.
MAKERS = {"make_world", "make_draft", "make_scene"}


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


def all_begin_with(request: pytest.FixtureRequest, name: str) -> bool:
    """Whether no test of the module makes another world than the one that `name` gives."""
    sharing = _sharing(request)
    return bool(sharing) and not any(_makes_another(each, name) for each in sharing)


def _sharing(request: pytest.FixtureRequest) -> list[pytest.Item]:
    """The module's tests that do not commit for real."""
    items = (each for each in request.session.items if each.path == request.path)
    return [each for each in items if not is_transactional(each)]


def _makes_another(item: pytest.Item, name: str) -> bool:
    """Whether the test begins with something else that is shared, or calls what makes a world."""
    shared = {each for each in getattr(item, "fixturenames", ()) if each.startswith("shared_")}
    code = getattr(getattr(item, "function", None), "__code__", None)
    called = MAKERS.intersection(code.co_names) if code else ()
    return bool(called) or bool(shared - {"shared_database", f"shared_{name}"})


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
