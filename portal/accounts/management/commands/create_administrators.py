"""Sets a real deployment up: the root organisation and the three separated administrators."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from portal.accounts.roles import SEPARATED, Role
from portal.accounts.services.administrators import create_administrator, holders, retire_administrator
from portal.errors import DomainError
from portal.operations.actor import Actor
from portal.organizations.kinds import TOP, Kind
from portal.organizations.models import Organization
from portal.organizations.services.records import found


class Command(BaseCommand):
    help = (
        "Create the root organisation (if there is none) and those of the three separated administrators "
        "(system, security, audit) that nobody holds; print their one-time passwords."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", default="市教育委员会", help="name of the root to create")
        parser.add_argument(
            "--kind", default=Kind.MUNICIPALITY.value, choices=sorted(TOP), help="kind of the root"
        )
        roles = sorted(SEPARATED)
        parser.add_argument(
            "--replace", action="append", default=[], choices=roles, help="retire who holds this role"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lines = self._set_up(options)
        except DomainError as refused:
            raise CommandError(str(refused.message)) from refused
        for line in lines or ["三类管理员均已设立，没有需要新建的账号。"]:
            self.stdout.write(line)

    @transaction.atomic
    def _set_up(self, options: dict[str, Any]) -> list[str]:
        """Do everything or nothing; return what to print."""
        actor = Actor.system("create_administrators")
        root = self._root(actor, options)
        for role in options["replace"]:
            for membership in holders(Role(role)):
                retire_administrator(actor, membership)
        return [_line(actor, root, role) for role in Role if role in SEPARATED and not holders(role)]

    def _root(self, actor: Actor, options: dict[str, Any]) -> Organization:
        """The first root in use, made now if there is none."""
        root = Organization.objects.active().filter(parent=None, kind__in=TOP).order_by("pk").first()
        return root or found(actor, None, kind=options["kind"], name=options["organization"])


def _line(actor: Actor, root: Organization, role: Role) -> str:
    opened = create_administrator(actor, root, role=role)
    return f"{role.label}  用户名：{opened.user.username}  一次性密码：{opened.password}"
