"""`bin/manage permissions`: who may do what, from the registry of operations."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.accounts.roles import Role
from portal.operations.matrix import Row, as_markdown, matrix


class Command(BaseCommand):
    help = "打印权限矩阵：每个操作由哪些角色、对哪些单位、在哪个环节办理。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--markdown", action="store_true", help="输出 Markdown 表格")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = matrix()
        lines = as_markdown(rows) if options["markdown"] else map(_plain, rows)
        for line in lines:
            self.stdout.write(line)


def _plain(row: Row) -> str:
    who = "、".join(str(Role(role).label) for role in Role if role in row.roles) or "—"
    phase = f" [{row.phase}]" if row.phase else ""
    return f"{row.code}  {row.label}  {row.scope}{phase}  {who}"
