"""Loads the demo into an empty database."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError
from django.db import transaction

from portal import clock
from portal.runtime.demo import HANDED_OVER_AT, LOADED_AT, Demo, load


class Command(BaseCommand):
    help = "Load the demo through the services: all of it or, if interrupted, nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", type=float, default=1.0, help="1.0 is the full demo; tests take less")

    def handle(self, *args: Any, size: float = 1.0, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo is loaded only where DEMO=1.")
        if get_user_model().objects.exists():
            raise CommandError("The database is not empty: the demo would mix with real data.")
        with transaction.atomic():
            clock.move_demo(LOADED_AT)
            load(Demo(say=self.stdout.write, size=size))
            clock.move_demo(HANDED_OVER_AT)
