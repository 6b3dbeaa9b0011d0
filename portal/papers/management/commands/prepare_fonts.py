"""`prepare_fonts`: makes the papers' fonts; does nothing when they are there."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.papers import fonts


class Command(BaseCommand):
    help = "Make the fonts that papers are printed with (once; a second run does nothing)."
    # `up` runs this before the database is there.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        made = fonts.prepare()
        self.stdout.write(f"{'Made' if made else 'Already there'}: {fonts.folder()}")
