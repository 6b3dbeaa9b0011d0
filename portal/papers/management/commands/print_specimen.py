"""`print_specimen out.pdf`: shows how this machine prints, without touching the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.papers.render import render
from portal.papers.specimen import TEMPLATE, specimen


class Command(BaseCommand):
    help = "Print a specimen form into a PDF file, to check fonts and libraries."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        file.write_bytes(render(TEMPLATE, specimen(4)))
        self.stdout.write(f"Printed: {file}")
