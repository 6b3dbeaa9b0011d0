"""`bin/manage demo_clock 2020-11-01 [09:00]`: move the demo's business time; without arguments, print it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal import clock
from portal.errors import DomainError
from portal.operations.actor import Actor
from portal.rulebook.services.clock import move_clock


class Command(BaseCommand):
    help = "显示或调整演示时间（仅 DEMO=1）。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("day", nargs="?", help="日期，如 2020-11-01")
        parser.add_argument("time", nargs="?", default="09:00", help="时刻，如 09:00（默认）")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["day"]:
            try:
                move_clock(Actor.system("demo_clock"), None, to=_moment(options["day"], options["time"]))
            except DomainError as refused:
                raise CommandError(str(refused.message)) from refused
        self.stdout.write(timezone.localtime(clock.now()).strftime("%Y-%m-%d %H:%M:%S"))


def _moment(day: str, time: str) -> datetime:
    try:
        return timezone.make_aware(datetime.fromisoformat(f"{day} {time}"))
    except ValueError as error:
        raise CommandError(f"“{day} {time}”不是有效的时间，请写成 2020-11-01 09:00。") from error
