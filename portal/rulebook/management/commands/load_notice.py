"""`bin/manage load_notice CQ20`: set up a programme from a notice file."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.errors import DomainError
from portal.operations.actor import Actor
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.rulebook.notice_file import read_notice
from portal.rulebook.preview import parts_of
from portal.rulebook.services.loading import load_notice


class Command(BaseCommand):
    help = "载入通知文件，建立（或更新）计划的规则手册；重复执行不产生变化。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="通知代号，如 CQ20")
        parser.add_argument("--office", type=int, help="项目办机构编号；只有一个项目办时可省略")
        parser.add_argument("--preview", action="store_true", help="只显示将要建立的内容")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["preview"]:
                self._preview(options["code"])
            else:
                loaded = load_notice(
                    Actor.system("load_notice"), None, code=options["code"], office=_office(options)
                )
                self.stdout.write(loaded.message)
        except DomainError as refused:
            raise CommandError(str(refused.message)) from refused

    def _preview(self, code: str) -> None:
        file = read_notice(code)
        self.stdout.write(f"{file.number} {file.title}\n条款 {len(file.clauses)}")
        for part in parts_of(file):
            self.stdout.write(f"{part.label} {len(part.lines)}")
            for line in part.lines:
                self.stdout.write(f"  {line}")


def _office(options: dict[str, Any]) -> Organization | None:
    if options["office"] is None:
        return None
    office = Organization.objects.active().of(Kind.PROJECT_OFFICE).filter(pk=options["office"]).first()
    if office is None:
        raise CommandError(f"没有编号为 {options['office']} 的项目办机构。")
    return office
