"""`bin/manage check_ledger`: balances equal their movements, and what was passed on equals what was received below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.operations.actor import Actor
from quotas import ledger
from quotas.models import Quota
from quotas.services.checking import rebuild_balances


class Command(BaseCommand):
    help = "核对名额余额与变动明细；不一致时逐条列出并以非零状态退出。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="先按变动明细重建余额，再核对")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rebuild"]:
            self.stdout.write(f"已重建{rebuild_balances(Actor.system('check_ledger'), None)}条名额的余额。")
        complaints = list(_complaints())
        if complaints:
            raise CommandError("\n".join([*complaints, f"共{len(complaints)}处不一致。"]))
        self.stdout.write(f"名额{Quota.objects.count()}条，余额与变动明细一致。")


def _complaints() -> Iterator[str]:
    for quota, sums in ledger.discrepancies():
        stored = f"{quota.received}/{quota.passed}/{quota.held}"
        yield f"{quota}：余额（下达/分出/占用）{stored}，变动合计{sums.received}/{sums.passed}/{sums.held}"
    for quota, below in ledger.uneven():
        yield f"{quota}：已分出{quota.passed}，下级共收到{below}"
