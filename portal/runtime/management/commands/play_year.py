"""Plays the year after the day on which the demo is handed over."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date, datetime, time
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from portal.runtime.demo import YEAR_ENDS, Demo, play


class Command(BaseCommand):
    help = "Play the demo's year through the services: plans, classes, grades, money, results. Once more plays the rest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--until", type=date.fromisoformat, default=YEAR_ENDS, help="last day to play, as 2021-03-01"
        )
        parser.add_argument("--size", type=float, default=1.0, help="as the demo was loaded")

    def handle(self, *args: Any, until: date = YEAR_ENDS, size: float = 1.0, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The year is played only where DEMO=1.")
        if not apps.get_model("programs", "Program").objects.filter(demo=True).exists():
            raise CommandError("There is no demo to play on: load it first with load_demo.")
        play(Demo(say=self.stdout.write, size=size, until=until))
        evening = datetime.combine(until, time(18))
        call_command("demo_clock", f"{evening:%Y-%m-%d}", f"{evening:%H:%M}", stdout=self.stdout)
