"""Importing every module that declares something, so that registries are complete for whoever prints them."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from importlib import import_module, util
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings

# The rooms in which operations, rule kinds, pages and handlers are declared.
ROOMS = ("services", "rules", "views", "api", "tasks", "papers", "sheets")
# The rooms whose declarations must stand before the first request: imported as soon as the app is ready.
PLUGGED = ("services", "rules", "notice", "imports", "jobs", "papers", "plugs", "reminders", "tasks")


def our_apps() -> list[AppConfig]:
    """The apps of this project, as opposed to installed libraries."""
    return [each for each in apps.get_app_configs() if _is_ours(Path(each.path))]


def load_everything() -> None:
    """Import each room of each of our apps, and every module of a room that is a package."""
    for app in our_apps():
        import_rooms(app, ROOMS)


def plug_in(app: AppConfig) -> None:
    """Import what the app declares at start; called from its `ready`."""
    import_rooms(app, PLUGGED)


def import_rooms(app: AppConfig, rooms: Iterable[str]) -> None:
    """Import those of the rooms that the app has, and every module of a room that is a package."""
    for name in (f"{app.name}.{room}" for room in rooms):
        if util.find_spec(name):
            _import_all(name)


def _is_ours(path: Path) -> bool:
    root = Path(settings.BASE_DIR)
    return path.is_relative_to(root) and "site-packages" not in path.parts


def _import_all(name: str) -> None:
    module = import_module(name)
    for found in pkgutil.walk_packages(getattr(module, "__path__", []), f"{name}."):
        import_module(found.name)
