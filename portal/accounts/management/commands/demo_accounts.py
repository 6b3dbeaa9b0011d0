"""Prints the demo's sign-ins."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.accounts.demo import demo_accounts


class Command(BaseCommand):
    help = "Print the demo's sign-ins as JSON: role, organisation, user, password, url of the first page."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            accounts = demo_accounts()
        except RuntimeError as error:
            raise CommandError("Only a demo has sign-ins to show: start it with DEMO=1.") from error
        self.stdout.write(json.dumps([asdict(each) for each in accounts], ensure_ascii=False, indent=2))
