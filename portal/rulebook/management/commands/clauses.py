"""`bin/manage clauses`: what implements each of the notices' clauses, and how many tests hold it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.rulebook.coverage import Coverage, coverage


class Command(BaseCommand):
    help = "逐条列出五份通知的条款：由什么实现、有多少测试。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--markdown", action="store_true", help="输出 Markdown 表格")
        parser.add_argument("--json", action="store_true", help="输出 JSON")
        parser.add_argument("--check", metavar="NOTICE", help="该通知的必备条款若无测试，则以非零状态退出")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = coverage()
        self.stdout.write("\n".join(_lines(rows, options)))
        if options["check"]:
            _require(rows, options["check"])


def _require(rows: list[Coverage], notice: str) -> None:
    asked = [each for each in rows if each.notice == notice and each.required]
    if not asked:
        raise CommandError(f"notices/required.toml 没有列出“{notice}”的必备条款。")
    missing = [each.clause for each in asked if not each.tests]
    if missing:
        raise CommandError(f"以下必备条款还没有测试：{'、'.join(missing)}")


def _lines(rows: list[Coverage], options: dict[str, Any]) -> Iterator[str]:
    if options["json"]:
        yield json.dumps([asdict(each) for each in rows], ensure_ascii=False, indent=1)
    elif options["markdown"]:
        yield from _markdown(rows)
    else:
        yield from (f"{each.clause:<10}{each.tests:>4}  {_by(each)}  {each.requirement}" for each in rows)
        yield _summary(rows)


def _markdown(rows: list[Coverage]) -> Iterator[str]:
    yield "| 条款 | 通知 | 要求 | 实现 | 测试 |"
    yield "| --- | --- | --- | --- | ---: |"
    for each in rows:
        yield f"| {each.clause} | {each.notice} | {each.requirement} | {_by(each)} | {each.tests} |"
    yield ""
    yield _summary(rows)


def _by(row: Coverage) -> str:
    return "、".join(row.by) or ("tests" if row.tests else "open")


def _summary(rows: list[Coverage]) -> str:
    opened = sum(each.is_open for each in rows)
    tested = sum(bool(each.tests) for each in rows)
    return f"共{len(rows)}条：已实现{len(rows) - opened}条，有测试{tested}条，未开始{opened}条。"
