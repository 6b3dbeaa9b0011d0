"""The demo's frame: stages that the apps plug in, run in order, all through the services.

A stage's module is `<app>/demo.py`; it declares itself with `@demo_stage(order, label)`. Everything the demo makes is
fictional except the names of districts, and is marked 演示.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from random import Random
from time import perf_counter

from django.apps import apps
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

from portal.operations.actor import Actor

# The day of the notice, on which the loader acts; and the morning after, at which the demo is handed over.
LOADED_AT = timezone.make_aware(datetime(2020, 10, 23, 10))
HANDED_OVER_AT = timezone.make_aware(datetime(2020, 10, 24, 9))
MARK = "（演示）"


@dataclass
class Demo:
    """What the stages share. `size` 1.0 is the full demo: 66 projects, 40 districts, 3,000 nominated teachers."""

    say: Callable[[str], None]
    size: float = 1.0
    rng: Random = field(default_factory=lambda: Random(2020))  # noqa: S311 - the demo is the same everywhere
    system: Actor = field(default_factory=lambda: Actor.system("演示数据"))

    def scaled(self, number: int) -> int:
        return max(1, round(number * self.size))


@dataclass(frozen=True)
class Stage:
    order: int
    label: str
    run: Callable[[Demo], None]


_stages: list[Stage] = []


def demo_stage(order: int, label: str) -> Callable[[Callable[[Demo], None]], Callable[[Demo], None]]:
    """Declare a function as a stage of the demo."""

    def register(run: Callable[[Demo], None]) -> Callable[[Demo], None]:
        _stages.append(Stage(order, label, run))
        return run

    return register


def load(demo: Demo) -> None:
    """Run every app's stages in order, saying how long each took."""
    for config in apps.get_app_configs():
        if module_has_submodule(config.module, "demo"):
            import_module(f"{config.name}.demo")
    for stage in sorted(_stages, key=lambda each: each.order):
        began = perf_counter()
        stage.run(demo)
        demo.say(f"{stage.label} {perf_counter() - began:.1f} s")


def words(text: str) -> list[str]:
    """The words of a list written as one line."""
    return text.split()
