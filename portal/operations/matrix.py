"""The permission matrix: which role may do what, over whose things, in which window. Printed from the registry itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.accounts.roles import Role
from portal.errors import Text
from portal.operations.discovery import load_everything
from portal.operations.registry import operations

ALLOWED = "●"


@dataclass(frozen=True)
class Row:
    """One operation. `roles` holds those who may; `system`: the portal's own workers may too."""

    code: str
    label: Text
    scope: str
    phase: str
    clauses: tuple[str, ...]
    roles: frozenset[Role]
    system: bool

    @property
    def marks(self) -> list[str]:
        """One cell a role, in the order of `Role`."""
        return [ALLOWED if role in self.roles else "" for role in Role]


def matrix() -> list[Row]:
    """Every operation of the portal, by code."""
    load_everything()
    return [
        Row(
            code=each.code,
            label=each.label,
            scope=each.permit.scope.label,
            phase=each.phase or "",
            clauses=each.clauses,
            roles=each.permit.roles,
            system=each.permit.system,
        )
        for each in operations()
    ]


def as_markdown(rows: list[Row]) -> Iterator[str]:
    """The lines of a Markdown table."""
    heads = [
        _("操作"),
        _("代码"),
        _("范围"),
        _("环节"),
        _("依据"),
        *(str(role.label) for role in Role),
        _("系统"),
    ]
    yield _line(heads)
    yield _line(["---"] * len(heads))
    for row in rows:
        system = ALLOWED if row.system else ""
        yield _line(
            [str(row.label), f"`{row.code}`", row.scope, row.phase, " ".join(row.clauses), *row.marks, system]
        )


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
