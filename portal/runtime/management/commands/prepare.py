"""Makes everything ready for the other processes: tables, fonts and, in a demo, its people and their work."""

from __future__ import annotations

import io
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, call_command
from django.db import connection

from portal.operations.application_role import give_rights
from portal.runtime.steps import step


class Command(BaseCommand):
    help = (
        "Migrates the database, makes the fonts of the papers, loads the demo into an empty database if DEMO is on, and "
        "brings the database's statistics up to date."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--accounts", type=Path, help="file to which the demo's sign-ins are written as JSON"
        )

    def handle(self, *args: Any, accounts: Path | None = None, **options: Any) -> None:
        with step("迁移数据库", "Migrating the database"):
            call_command("migrate", interactive=False, verbosity=0)
            if settings.APPLICATION_ROLE:
                give_rights(settings.APPLICATION_ROLE, settings.APPLICATION_PASSWORD)
        with step("准备字体", "Preparing the fonts of the papers"):
            call_command("prepare_fonts", verbosity=0, stdout=io.StringIO())
        if settings.DEMO and not get_user_model().objects.exists():
            with step("载入演示数据", "Loading the demo"):
                call_command("load_demo", verbosity=0, stdout=io.StringIO())
        with step("更新数据库统计", "Updating the database's statistics"):
            take_statistics()
        if settings.DEMO and accounts:
            write_accounts(accounts)


def take_statistics() -> None:
    """Have PostgreSQL look at every table: those with few rows, as a rulebook's, autovacuum never looks at."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def write_accounts(file: Path) -> None:
    """Write what `demo_accounts` prints to `file`, which only its owner reads."""
    printed = io.StringIO()
    call_command("demo_accounts", stdout=printed)
    file.touch(mode=0o600)
    file.write_text(printed.getvalue())
