"""`bin/manage check_funds`: every account equals its movements, and what was spent equals the expenses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from finance import ledger, queries
from finance.models import FundAccount
from finance.services.checking import rebuild_accounts
from portal.operations.actor import Actor


class Command(BaseCommand):
    help = "核对经费余额、变动明细与支出登记；不一致时逐条列出并以非零状态退出。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="先按变动明细重建余额，再核对")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rebuild"]:
            self.stdout.write(f"已重建{rebuild_accounts(Actor.system('check_funds'), None)}个账户的余额。")
        complaints = list(_complaints())
        if complaints:
            raise CommandError("\n".join([*complaints, f"共{len(complaints)}处不一致。"]))
        self.stdout.write(f"经费账户{FundAccount.objects.count()}个，余额、变动明细与支出一致。")


def _complaints() -> Iterator[str]:
    for account, sums in ledger.discrepancies():
        stored = "/".join(f"{getattr(account, name):.2f}" for name in ledger.COLUMNS)
        moved = "/".join(f"{getattr(sums, name):.2f}" for name in ledger.COLUMNS)
        yield f"{account}：余额（下达/分出/支出/上交）{stored}，变动合计{moved}"
    for account, booked in queries.unbooked():
        yield f"{account}：账户已支出{account.spent:.2f}，支出登记合计{booked:.2f}"
